// The results of the parts below the sockets for numbers and names, one line each: under every locale they must be the same.
#pragma once

#include <clocale>
#include <cstdio>
#include <cstring>
#include <string>

#include "wirthforge_ws.hpp"

namespace locale_says {

using namespace wirthforge;

inline void say(const std::string& what) { std::printf("%s\n", what.c_str()); }

inline int say_all(const char* locale) {
  if (std::setlocale(LC_ALL, locale) == nullptr) return 77;
  if (std::strcmp(locale, "C") != 0) {  // else the test would prove nothing
    char half[16];
    std::snprintf(half, sizeof half, "%.1f", 0.5);
    if (std::strcmp(half, "0,5") != 0) return 77;
  }
  for (const char* number :
       {"42.75", "-0.25", "1.5e3", "1.5e999", "-1.5e999", "12.5e-1", "1.5e-999", "0.1", "1.7976931348623157e308"}) {
    std::string line = number;
    line += text::is_json(number) ? " is " : " is none, ";
    if (text::is_json(number)) text::append_json_number(line, text::json_view(number).as_number());
    char trial[40];
    const double read = text::read_decimal(number);
    if (is_finite(read)) line.append(" ").append(trial, text::put_number_by_trial(trial, read));
    say(line);
  }
  any_event event;
  envelope outer;
  const char* const
      energy = R"({"type":"energy_update","channel":"energy","timestamp":1,"frameNumber":2,"payload":{"totalEnergy":42.75,
      "deltaEnergy":-0.125,"tokensGenerated":3,"processingTime":16.25,"modelId":"I-i"}})";
  if (auto bad = read_event(energy, event, outer)) say(bad->pointer + bad->rule);
  std::string out;
  write(out, std::get<energy_update>(event), outer);
  say(out);
  std::get<energy_update>(event).processing_time = 16.75;
  const auto found = check(std::get<energy_update>(event));
  say(found->value + " " + found->limit);
  journal::journal_tally tally;
  std::string line = out + "\n";
  tally.add_line(out);
  out.clear();
  text::append_json_number(out, tally.summary().models.at("I-i").total_energy);
  say(out);
  control_message message;
  say(std::to_string(read_control(R"({"type":"heartbeat_response","payload":{"sequence":1.0}})", message).value()));
  const std::string head =
      "GET /ws HTTP/1.1\r\nHOST: LOCALHOST:8145\r\nUPGRADE: WEBSOCKET\r\nCONNECTION: KEEP-ALIVE, UPGRADE\r\n"
      "SEC-WEBSOCKET-VERSION: 13\r\nSEC-WEBSOCKET-KEY: dGhlIHNhbXBsZSBub25jZQ==\r\nORIGIN: https://h\r\n\r\n";
  rfc6455::request_reader reader;
  const char* first = head.data();
  reader.receive(first, head.data() + head.size());
  rfc6455::access_policy policy;
  policy.port = 8145;
  say(rfc6455::check_access(reader.request(), policy).log_line);
  say(rfc6455::upgrade_response(rfc6455::check_upgrade(reader.request(), {})));
  say(rfc6455::read_origin("HTTP://WIKI:3000").form);
  server_options options;
  options.max_client_messages_per_second = 0.5;
  say(detail::option_fault(options));
  say(model_id_from_name("INSTRUCT:7B"));
  return 0;
}

}  // namespace locale_says
