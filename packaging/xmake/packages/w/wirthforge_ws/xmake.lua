package("wirthforge_ws")
    set_kind("library", {headeronly = true})
    set_homepage("https://github.com/wirthforge/wirthforge_ws")
    set_description("A loopback WebSocket server in one header, for a local AI backend and its browser page")
    set_license("MIT")

    add_urls("https://github.com/wirthforge/wirthforge_ws/archive/refs/tags/v$(version).tar.gz",
             "https://github.com/wirthforge/wirthforge_ws.git")
    add_versions("0.1.0", "0000000000000000000000000000000000000000000000000000000000000000")

    add_deps("asio >=1.18.2", "nlohmann_json >=3.7.3")
    if is_plat("windows", "mingw") then
        add_syslinks("ws2_32", "mswsock")
    elseif is_plat("linux", "bsd") then
        add_syslinks("pthread")
    end

    on_install("linux", "macosx", "bsd", "windows", "mingw", function (package)
        os.cp("wirthforge_ws.hpp", package:installdir("include"))
        os.cp("wirthforge_ws.cpp", package:installdir("share", "wirthforge_ws"))
    end)

    on_test(function (package)
        assert(package:check_cxxsnippets({test = [[
            #include <wirthforge_ws.hpp>
            void test() {
                wirthforge::server server;
                server.stop();
            }
        ]]}, {configs = {languages = "c++17"}}))
    end)
