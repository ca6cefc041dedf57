"""The instances of the templates over events that a separately compiled program calls: one for each event."""

from .text import BANNER


def instances(model):
    out = [f"// {BANNER}",
           "// The templates over events, once for each event, for the files that see the interface alone.",
           "#pragma once", "",
           "#include <optional>", "#include <system_error>", "",
           "#include <nlohmann/json.hpp>", "",
           '#include "events/read.ipp"', '#include "server/server.ipp"', "",
           "#if defined(WIRTHFORGE_WS_SEPARATE_COMPILATION)",
           "namespace wirthforge { inline namespace WIRTHFORGE_ABI {", ""]
    out += [f"template std::optional<violation> read(const nlohmann::json&, {each.name}&, envelope&);" for each in model.events]
    for each in model.events:
        if each.lane == "own":
            continue
        out.append("")
        for facade in ("server", "tick"):
            out += [f"template publish_result {facade}::publish(const {each.name}&);",
                    f"template publish_result {facade}::publish(const {each.name}&, std::error_code&);"]
        if each.channel != "energy":
            out += [f"template void server::send(const connection_info&, const {each.name}&);",
                    f"template void server::send(const connection_info&, const {each.name}&, std::error_code&);"]
    return "\n".join([*out, "", "}}  // namespace wirthforge", "#endif", ""])
