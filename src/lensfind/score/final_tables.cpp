#include "lensfind/score/final_tables.h"

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

void for_each_chunk(const ReadChunk& chunks, std::int64_t count, const std::function<void(const Chunk&)>& use) {
  for (std::int64_t number = 0; number < count; ++number) {
    const std::optional<Chunk> chunk = chunks(number);
    if (!chunk) throw Error{fmt::format("chunk {} cannot be read", number), "run it again with --resume: it is made anew"};
    use(*chunk);
  }
}

void for_each_row(const Chunk& chunk, const std::string& header, const std::function<void(const std::vector<std::string>&)>& use) {
  CsvReader rows{header + chunk.scores, "a chunk"};
  std::vector<std::string> fields(rows.columns().size());
  while (rows.next()) {
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i] = rows[i];
    use(fields);
  }
}

void write_csv(const ReadChunk& chunks, std::int64_t count, const fs::path& path, const std::string& header) {
  AtomicFile scores{path, Durability::survives_power_loss};
  scores.write(header);
  for_each_chunk(chunks, count, [&](const Chunk& chunk) { scores.write(chunk.scores); });
  scores.commit();
}

/// FITS and Parquet: what kinds the columns are shows when all rows were seen, so the chunks are read twice.
void write_typed(const ReadChunk& chunks, std::int64_t count, const About& about, const Readings& readings, const fs::path& path,
                 const std::string& header) {
  sky::ColumnKinds kinds{CsvReader{header, "the header"}.columns()};
  for_each_chunk(chunks, count, [&](const Chunk& chunk) {
    for_each_row(chunk, header, [&](const std::vector<std::string>& fields) { kinds.add(fields); });
  });
  std::vector<sky::TableColumn> columns = kinds.columns();
  columns[1].kind = sky::ColumnKind::single_real;
  columns[2].kind = sky::ColumnKind::real;
  std::vector<sky::TableFact> facts = table_facts(about);
  for (sky::TableFact& fact : reading_facts(readings)) facts.push_back(std::move(fact));
  const auto table = sky::create_table(path, columns, about.scored, facts);
  for_each_chunk(chunks, count, [&](const Chunk& chunk) {
    for_each_row(chunk, header, [&](const std::vector<std::string>& fields) { table->add(fields); });
  });
  table->commit();
}

/// OUT.run.json.
Value finished_value(const RunRecord& record, const TableCounts& counts, const About& about) {
  return to_json_value(record)
      .set("scored", counts.scored)
      .set("rejected", counts.rejected)
      .set("readings", to_json_value(counts.readings))
      .set("about", to_json_value(about));
}

}  // namespace

TableCounts write_tables(const ReadChunk& chunks, const RunRecord& record, const TableNames& names) {
  const std::int64_t count = record.chunks();
  AtomicFile rejected{names.rejected, Durability::survives_power_loss};
  rejected.write(rejected_header);
  TableCounts counts;
  std::string measured;
  for_each_chunk(chunks, count, [&](const Chunk& chunk) {
    rejected.write(chunk.rejected);
    measured += chunk.measured;
    counts.scored += chunk.scored_count;
    counts.rejected += chunk.rejected_count;
    counts.readings.add(chunk.readings);
  });
  if (counts.scored + counts.rejected != record.inputs) {
    throw Error{fmt::format("{} inputs, but {} scored and {} set aside", record.inputs, counts.scored, counts.rejected),
                "the inputs changed while they were read; begin again with --overwrite"};
  }
  rejected.commit();
  About about = about_from_json_value(record.about, "this run");
  about.inputs = record.inputs;
  about.scored = counts.scored;
  about.rejected = counts.rejected;
  counts.images = about.images = compare_with_training(record.training_images, about.bands, measured);
  write_file(names.record, to_json(finished_value(record, counts, about)), Durability::survives_power_loss);
  if (sky::table_format(names.scores) == sky::TableFormat::csv) {
    write_csv(chunks, count, names.scores, scores_header(record.columns));
  } else {
    write_typed(chunks, count, about, counts.readings, names.scores, scores_header(record.columns));
  }
  return counts;
}

TableCounts counts_from(const Value& finished) {
  return {finished.at("scored").as_integer(), finished.at("rejected").as_integer(), readings_from(finished.at("readings")),
          about_from_json_value(finished.at("about"), "OUT.run.json").images};
}

}  // namespace lensfind::score
