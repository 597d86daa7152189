#include "lensfind/inspect/server.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/inspect/grading_page.h"
#include "lensfind/inspect/listener.h"

namespace lensfind::inspect {
namespace {

/// Equal, in a time that does not tell how much of it is.
bool is_same(const std::string& a, const std::string& b) {
  unsigned different = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i)
    different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i % std::max<std::size_t>(b.size(), 1)]);
  return different == 0;
}

std::optional<std::size_t> whole(const std::string& text) {
  std::size_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

View view_of(const httplib::Request& request) {
  View view;
  const std::string scaling = request.get_param_value("scaling");
  for (const auto& [name, kind] :
       {std::pair{"linear", View::Scaling::linear}, {"sqrt", View::Scaling::sqrt}, {"zscale", View::Scaling::zscale}})
    if (scaling == name) view.scaling = kind;
  if (request.has_param("band"))
    view.band = static_cast<int>(std::min<std::size_t>(whole(request.get_param_value("band")).value_or(0), 100));
  const std::string residual = request.get_param_value("residual");
  view.residual = residual == "smooth" ? View::Residual::smooth : residual == "fit" ? View::Residual::fit : View::Residual::none;
  if (const auto field = whole(request.get_param_value("field")); field == 2 || field == 4) view.field = static_cast<int>(*field);
  return view;
}

void set_security_headers(httplib::Response& response) {
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Referrer-Policy", "no-referrer");  // the token stands in the address
  response.set_header("X-Frame-Options", "DENY");
  response.set_header("Cross-Origin-Resource-Policy", "same-origin");
  response.set_header("Cross-Origin-Opener-Policy", "same-origin");
  response.set_header(
      "Content-Security-Policy",
      "default-src 'none'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'none'; "
      "frame-ancestors 'none'; base-uri 'none'");
}

void answer(httplib::Response& response, const Answer& said) {
  response.status = said.status;
  response.set_header("Cache-Control", "no-store");
  response.set_content(to_json(said.body, -1), "application/json");
}

std::string link_at(const char* scheme, const std::string& host, const std::string& token, const std::string& grader) {
  return fmt::format("{}://{}/{}/{}", scheme, host, token, grader.empty() ? "" : "?grader=" + url_encoded(grader));
}

void refuse(httplib::Response& response, int status, const std::string& what) {
  answer(response, {status, empty_object().set("error", what)});
}

}  // namespace

struct Server::State {
  Session& session;
  ServerOptions options;
  int port = 0;
  std::vector<std::string> hosts = {};  ///< values of Host that are ours
  BytesHttp http{};
  std::unique_ptr<Listener> listener{};

  void add_hosts();
  void add_page();
  void add_questions();
  void add_statements();
  void add_pictures();
  [[nodiscard]] bool is_ours(const httplib::Request& request, httplib::Response& response) const;
};

void Server::State::add_hosts() {
  for (const std::string& name : {std::string{"127.0.0.1"}, std::string{"localhost"}, std::string{"[::1]"}, options.address}) {
    hosts.push_back(fmt::format("{}:{}", name, port));
    if (port == 80) hosts.push_back(name);
  }
  for (const std::string& name : options.hosts) {
    hosts.push_back(name);
    hosts.push_back(fmt::format("{}:{}", name, port));
  }
}

/// Answers 403 itself where not.
bool Server::State::is_ours(const httplib::Request& request, httplib::Response& response) const {
  const std::string host = request.get_header_value("Host");
  if (request.get_header_value_count("Host") != 1 || std::ranges::find(hosts, host) == hosts.end()) {
    refuse(response, 403,
           "this is asked under another host's name; use the link that `lensfind inspect` printed, or start it with --host NAME");
    return false;
  }
  // The path is %-decoded here, once; nothing in it names a file.
  if (!is_same(request.path.substr(0, options.token.size() + 2), "/" + options.token + "/")) {
    refuse(response, 403, "the address lacks the right token; use the link that `lensfind inspect` printed");
    return false;
  }
  const std::string origin = request.get_header_value("Origin"), site = request.get_header_value("Sec-Fetch-Site");
  const bool own_origin = origin.empty() || origin == "http://" + host || origin == "https://" + host;
  const bool own_site = site.empty() || site == "same-origin" || (site == "none" && request.method == "GET");
  // A link in a mail or chat may open the page, and only that.
  const bool is_visit = request.method == "GET" && request.get_header_value("Sec-Fetch-Mode") == "navigate";
  if (!own_origin || (!own_site && !is_visit)) {
    refuse(response, 403, "another site asks this");
    return false;
  }
  if (request.method == "POST" &&
      (!request.get_header_value("Content-Type").starts_with("application/json") || !request.has_header("X-Lensfind"))) {
    refuse(response, 403, "this does not come from the page");
    return false;
  }
  return true;
}

void Server::State::add_page() {
  const auto give = [this](const std::string& name, std::string_view text, const char* type) {
    http.Get("/" + options.token + "/" + name, [text, type](const httplib::Request&, httplib::Response& response) {
      response.set_header("Cache-Control", "no-store");
      response.set_content(text.data(), text.size(), type);
    });
  };
  give("", grading_html, "text/html; charset=utf-8");
  give("grading.css", grading_css, "text/css; charset=utf-8");
  for (const auto& [name, text] : {std::pair{"gallery.js", gallery_js},
                                   {"backend.js", backend_js},
                                   {"list.js", list_js},
                                   {"pictures.js", pictures_js},
                                   {"grading.js", grading_js}})
    give(name, text, "text/javascript; charset=utf-8");
}

void Server::State::add_questions() {
  const std::string root = "/" + options.token + "/api/";
  http.Get(root + "state", [this](const httplib::Request& request, httplib::Response& response) {
    answer(response, session.state(request.get_param_value("grader")));
  });
  http.Get(root + "graded", [this](const httplib::Request& request, httplib::Response& response) {
    answer(response, session.graded(request.get_param_value("grader"),
                                    static_cast<std::int64_t>(whole(request.get_param_value("after")).value_or(0))));
  });
  http.Get(root + "item", [this](const httplib::Request& request, httplib::Response& response) {
    const auto slot = whole(request.get_param_value("slot"));
    if (!slot) return refuse(response, 400, "which picture?");
    answer(response, session.item(request.get_param_value("order"), *slot));
  });
  http.Get(root + "names", [this](const httplib::Request& request, httplib::Response& response) {
    const auto from = whole(request.get_param_value("from")), count = whole(request.get_param_value("count"));
    if (!from || !count) return refuse(response, 400, "which pictures?");
    answer(response, session.names(request.get_param_value("order"), *from, *count));
  });
  http.Get(root + "columns", [this](const httplib::Request& request, httplib::Response& response) {
    answer(response, session.columns(request.get_param_value("order")));
  });
}

void Server::State::add_statements() {
  const std::string root = "/" + options.token + "/api/";
  const auto take = [this, root](const std::string& name, Answer (Session::*act)(const Value&)) {
    http.Post(root + name, [this, act](const httplib::Request& request, httplib::Response& response) {
      Value said;
      try {
        said = parse_json(request.body, "the request");
      } catch (const Error& error) {
        return refuse(response, 400, error.what());
      }
      try {
        answer(response, (session.*act)(said));
      } catch (const Error& error) {
        // Not stored: the page says so and keeps it.
        refuse(response, said.is_object() && said.find("slot") && said.find("slot")->is_integer() ? 500 : 400, error.what());
      }
    });
  };
  take("grade", &Session::grade);
  take("undo", &Session::undo);
}

void Server::State::add_pictures() {
  http.Get("/" + options.token + "/picture", [this](const httplib::Request& request, httplib::Response& response) {
    const auto slot = whole(request.get_param_value("slot"));
    if (!slot) return refuse(response, 400, "which picture?");
    try {
      const auto picture = session.picture(request.get_param_value("order"), *slot, view_of(request));
      response.set_header("X-Lensfind-View", url_encoded(to_json(picture->facts, -1)));
      response.set_header("Cache-Control", "private, max-age=3600");
      response.set_content(picture->png, "image/png");
    } catch (const Error& error) {
      refuse(response, 404, error.what());
    }
  });
}

Server::Server(Session& session, ServerOptions options) : state_{new State{session, std::move(options)}} {
  BytesHttp& http = state_->http;
  http.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    set_security_headers(response);
    return state_->is_ours(request, response) ? httplib::Server::HandlerResponse::Unhandled : httplib::Server::HandlerResponse::Handled;
  });
  http.set_exception_handler([](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) {
    refuse(response, 500, "that went wrong here; it was not stored");
  });
  state_->add_page();
  state_->add_questions();
  state_->add_statements();
  state_->add_pictures();
  const ServerOptions& at = state_->options;
  state_->port = http.listen_at(at.address, at.port);
  if (state_->port <= 0)
    throw Error{fmt::format("cannot listen at {}{}", at.address, at.port > 0 ? fmt::format(", port {}", at.port) : ""),
                "choose another --port (0: a free one) or --address; is another `inspect` running?"};
  state_->listener =
      std::make_unique<Listener>(http.listening_socket(), [&http](std::string_view request) { return http.answer(request); });
  state_->add_hosts();
}

Server::~Server() = default;

int Server::port() const { return state_->port; }

std::string Server::link(const std::string& grader) const {
  const std::string& address = state_->options.address;
  const std::string host = address == "0.0.0.0" || address == "::" ? "127.0.0.1" : address;
  const std::string named = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return link_at("http", fmt::format("{}:{}", named, state_->port), state_->options.token, grader);
}

std::vector<std::string> Server::links_of_hosts(const std::string& grader) const {
  std::vector<std::string> links;
  for (const std::string& host : state_->options.hosts) links.push_back(link_at("https", host, state_->options.token, grader));
  return links;
}

std::string Server::answers_to(std::string_view bytes) {
  std::string said;
  for (bool closes = false; !closes;) {
    const Framing framing = frame_request(bytes);
    if (framing.refusal == 0 && framing.size == 0) break;
    const HttpAnswer answer = framing.refusal != 0 ? closing_answer(framing.refusal) : state_->http.answer(bytes.substr(0, framing.size));
    said += answer.bytes;
    closes = answer.closes;
    bytes.remove_prefix(framing.size);
  }
  return said;
}

void Server::run(const std::function<bool()>& stop) { state_->listener->run(stop); }

std::string url_encoded(const std::string& text) {
  std::string out;
  for (const char letter : text) {
    const bool plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       std::string_view{"-._~"}.find(letter) != std::string_view::npos;
    out += plain ? std::string{letter} : fmt::format("%{:02X}", static_cast<unsigned char>(letter));
  }
  return out;
}

}  // namespace lensfind::inspect
