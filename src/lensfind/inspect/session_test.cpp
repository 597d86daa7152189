#include "lensfind/inspect/session.h"

#include <cmath>

#include <gmock/gmock.h>

#include "tests/scratch_folder.h"

namespace lensfind::inspect {
namespace {

using lensfind::testing::ScratchFolder;

CandidateList list_of(int candidates, int controls) {
  CandidateList list{.columns = {"mag"}};
  for (int i = 0; i < candidates; ++i)
    list.objects.push_back(
        {.object = {.id = "o" + std::to_string(i), .position = sky::Position{i * .1, -i * .1}, .logit = -1. * i}, .values = {"20.5"}});
  for (int i = 0; i < controls; ++i)
    list.objects.push_back({.object = {.id = "c" + std::to_string(i), .role = Role::painted, .truth = Label::lens}});
  return list;
}

Drawn no_picture(std::size_t, const View&) { return {}; }

struct Open {
  ScratchFolder folder;
  std::unique_ptr<Session> session = again();

  std::unique_ptr<Session> again(int candidates = 30, int controls = 5, bool blind = true) const {
    return std::make_unique<Session>(list_of(candidates, controls), no_picture, 1, GradeStore{folder / "g.sqlite"},
                                     SessionOptions{.showing = {.blind = blind, .repeats = .2}});
  }
};

Value said(const Value& state, std::int64_t slot, const std::string& grade, const std::string& uid) {
  return empty_object()
      .set("grader", state.at("grader"))
      .set("order", state.at("order"))
      .set("slot", slot)
      .set("grade", grade)
      .set("kind", "ring")
      .set("note", "a <b>note</b>")
      .set("seconds", 1.5)
      .set("uid", uid);
}

TEST(Session, GradesAreThereAfterARestart) {
  Open open;
  const Value state = open.session->state("anna").body;
  EXPECT_GT(state.at("count").as_integer(), 35) << "with repeats";
  EXPECT_EQ(open.session->grade(said(state, 3, "a", "11111111")).status, 200);
  EXPECT_EQ(open.session->grade(said(state, 4, "X", "22222222")).status, 200);
  EXPECT_EQ(open.session->grade(said(state, 4, "X", "22222222")).body.at("new").as_bool(), false) << "sent again";
  open.session = open.again();
  const Value later = open.session->state("anna").body;
  EXPECT_EQ(later.at("order"), state.at("order"));
  ASSERT_EQ(later.at("grades").as_array().size(), 2u);
  EXPECT_EQ(later.at("grades").as_array()[0], Value(Value::Array{3, "A", "ring", "a <b>note</b>", 1.5}));
  EXPECT_TRUE(open.session->state("ben").body.at("grades").as_array().empty()) << "nobody else's";
}

TEST(Session, UndoBringsBackTheGradeBefore) {
  Open open;
  const Value state = open.session->state("anna").body;
  for (const auto& [grade, uid] : {std::pair{"A", "11111111"}, {"C", "22222222"}}) open.session->grade(said(state, 7, grade, uid));
  const auto undo = [&](const char* uid) {
    return open.session->undo(empty_object().set("grader", "anna").set("order", state.at("order")).set("uid", uid));
  };
  const Answer first = undo("33333333");
  EXPECT_EQ(first.body.at("slot").as_integer(), 7);
  EXPECT_EQ(first.body.at("grades").as_array()[0].as_array()[1].as_string(), "A");
  EXPECT_EQ(undo("44444444").body.at("grades"), Value(Value::Array{Value(Value::Array{7, ""})})) << "nothing holds there";
  EXPECT_EQ(undo("55555555").status, 404);
  EXPECT_EQ(GradeStore(open.folder / "g.sqlite").rows().size(), 4u) << "nothing is ever removed";
}

// A page asks for what changed behind the row that it knows: grades of another tab, and those that were taken back.
TEST(Session, APageIsToldWhatChanged) {
  Open open;
  const Value state = open.session->state("anna").body;
  const auto changes = [&](std::int64_t row) { return open.session->graded("anna", row).body; };
  open.session->grade(said(state, 7, "A", "11111111"));
  const Value first = changes(state.at("row").as_integer());
  EXPECT_EQ(first.at("grades").as_array().size(), 1u);
  open.session->grade(said(state, 8, "B", "22222222"));
  const Value second = changes(first.at("row").as_integer());
  ASSERT_EQ(second.at("grades").as_array().size(), 1u) << "not what it knows already";
  EXPECT_EQ(second.at("grades").as_array()[0].as_array()[0].as_integer(), 8);
  open.session->undo(empty_object().set("grader", "anna").set("order", state.at("order")).set("uid", "33333333"));
  EXPECT_EQ(changes(second.at("row").as_integer()).at("grades"), Value(Value::Array{Value(Value::Array{8, ""})}));
  EXPECT_EQ(open.session->state("anna").body.at("grades").as_array().size(), 1u);
}

TEST(Session, APageOfAnotherListIsRefused) {
  Open open;
  const Value state = open.session->state("anna").body;
  open.session = open.again(31);
  open.session->state("anna");
  EXPECT_EQ(open.session->grade(said(state, 3, "A", "11111111")).status, 409);
  EXPECT_EQ(open.session->graded("ben").status, 409);
  Value other = said(open.session->state("ben").body, 3, "A", "11111111");
  EXPECT_EQ(open.session->grade(other.set("grader", "anna")).status, 409) << "under another's name";
}

TEST(Session, WhatIsNoGradeIsRefused) {
  Open open;
  const Value state = open.session->state("anna").body;
  const auto status = [&](const char* key, Value value) {
    return open.session->grade(said(state, 3, "A", "11111111").set(key, std::move(value))).status;
  };
  EXPECT_EQ(status("grade", "Z"), 400);
  EXPECT_EQ(status("kind", "blob"), 400);
  EXPECT_EQ(status("uid", "x'; DROP"), 400);
  EXPECT_EQ(status("note", std::string(3000, 'x')), 400);
  EXPECT_EQ(status("note", "\xff"), 400);
  EXPECT_EQ(status("grader", std::string("a\nb")), 400);
  EXPECT_EQ(status("slot", 1000), 409);
  EXPECT_EQ(status("slot", -1), 409);
  EXPECT_EQ(status("seconds", -1.), 400);
  EXPECT_TRUE(GradeStore(open.folder / "g.sqlite").rows().empty());
  EXPECT_EQ(open.session->state("").status, 400);
}

// Blind: nothing that a page gets tells a control or a score.
TEST(Session, BlindPagesLearnNothingOfControls) {
  Open open;
  const Answer state = open.session->state("anna");
  for (const char* key : {"ids", "logits", "known", "others", "positions"}) EXPECT_EQ(state.body.find(key), nullptr) << key;
  const std::string order = state.body.at("order").as_string();
  EXPECT_EQ(open.session->names(order, 0, 10).status, 403);
  EXPECT_EQ(open.session->columns(order).status, 403);
  for (std::size_t slot = 0; slot < 35; ++slot) EXPECT_EQ(to_json(open.session->item(order, slot).body.set("slot", 0), -1), "{\"slot\":0}");
}

TEST(Session, SightedPagesSeeScoresAndOthersGrades) {
  Open open;
  open.session = open.again(30, 0, false);
  const Value state = open.session->state("anna").body;
  const std::string order = state.at("order").as_string();
  EXPECT_EQ(open.session->names(order, 0, 2).body.at("ids"), Value(Value::Array{"o0", "o1"})) << "the best score first";
  EXPECT_EQ(open.session->names(order, 29, 100).body.at("ids"), Value(Value::Array{"o29"}));
  EXPECT_EQ(open.session->names(order, 31, 1).status, 409);
  const Value columns = open.session->columns(order).body;
  EXPECT_EQ(columns.at("logit").as_array()[3].as_number(), -3);
  EXPECT_NEAR(columns.at("dec").as_array()[29].as_number(), -2.9, 1e-9);
  const Value ben = open.session->state("ben").body;
  open.session->grade(said(ben, 2, "B", "11111111"));
  EXPECT_EQ(open.session->graded("anna").body.at("others").as_array()[0], Value(Value::Array{2, "ben", "B"}));
  const Value item = open.session->item(state.at("order").as_string(), 1).body;
  EXPECT_EQ(item.at("name").as_string(), "J000024.0-000600");
  EXPECT_EQ(item.at("columns").as_array()[0], Value(Value::Array{"mag", "20.5"}));
}

}  // namespace
}  // namespace lensfind::inspect
