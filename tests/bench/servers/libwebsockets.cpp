// libwebsockets in the race: its callbacks, and one write for each time a connection is writable, as it wants it.
//   libwebsockets echo|fanout
#include <deque>
#include <memory>
#include <string>

#include <libwebsockets.h>

#include "beat.hpp"

namespace {

struct message {
  std::shared_ptr<const std::string> padded;  // LWS_PRE bytes of room, then the payload
  lws_write_protocol kind = LWS_WRITE_TEXT;
};
struct session {
  std::deque<message>* waiting;
  std::string* fragments;
};

bool is_echo = true;
std::shared_ptr<const std::string> newest;
lws_context* context = nullptr;
const lws_protocols* protocol = nullptr;
lws_sorted_usec_list_t timer;
race::beat beat;

std::shared_ptr<const std::string> padded(const std::string& text) {
  return std::make_shared<const std::string>(std::string(LWS_PRE, '\0') + text);
}

int on_event(lws* wsi, lws_callback_reasons reason, void* user, void* in, std::size_t size) {
  auto* const each = static_cast<session*>(user);
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
      each->waiting = new std::deque<message>();
      each->fragments = new std::string();
      break;
    case LWS_CALLBACK_CLOSED:
      delete each->waiting;
      delete each->fragments;
      break;
    case LWS_CALLBACK_RECEIVE:
      if (!is_echo) break;
      each->fragments->append(static_cast<const char*>(in), size);
      if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0) break;
      each->waiting->push_back({padded(*each->fragments), lws_frame_is_binary(wsi) != 0 ? LWS_WRITE_BINARY : LWS_WRITE_TEXT});
      each->fragments->clear();
      lws_callback_on_writable(wsi);
      break;
    case LWS_CALLBACK_SERVER_WRITEABLE: {
      message next{newest, LWS_WRITE_TEXT};
      if (is_echo) {
        if (each->waiting->empty()) break;
        next = each->waiting->front();
        each->waiting->pop_front();
      }
      if (!next.padded) break;
      // The bytes in front of the payload are the library's to write the header into.
      auto* const bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(next.padded->data())) + LWS_PRE;
      if (lws_write(wsi, bytes, next.padded->size() - LWS_PRE, next.kind) < 0) return -1;
      if (!each->waiting->empty()) lws_callback_on_writable(wsi);
      break;
    }
    default: break;
  }
  return 0;
}

void tick(lws_sorted_usec_list_t*) {
  newest = padded(beat.next_text());
  lws_callback_on_writable_all_protocol(context, protocol);
  const std::int64_t wait_us = (beat.deadline_ns() - race::steady_ns()) / 1000;
  lws_sul_schedule(context, 0, &timer, tick, wait_us > 0 ? wait_us : 1);
}

}  // namespace

int main(int argc, char** argv) {
  is_echo = argc < 2 || std::string(argv[1]) == "echo";
  lws_set_log_level(LLL_ERR, nullptr);
  const lws_protocols protocols[] = {{"race", on_event, sizeof(session), 65536, 0, nullptr, 0},
                                     {nullptr, nullptr, 0, 0, 0, nullptr, 0}};
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  context = lws_create_context(&info);
  if (context == nullptr) return 1;
  info.port = 0;
  info.iface = "127.0.0.1";
  info.protocols = protocols;
  lws_vhost* const host = lws_create_vhost(context, &info);
  if (host == nullptr) return 1;
  protocol = lws_vhost_name_to_protocol(host, "race");
  if (!is_echo) tick(&timer);
  race::announce(static_cast<unsigned>(lws_get_vhost_listen_port(host)));
  while (lws_service(context, 0) >= 0) {}
}
