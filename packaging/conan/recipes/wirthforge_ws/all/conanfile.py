import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, get
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"


class WirthforgeWsConan(ConanFile):
    name = "wirthforge_ws"
    description = "A loopback WebSocket server in one header, for a local AI backend and its browser page"
    license = "MIT"
    url = "https://github.com/conan-io/conan-center-index"
    homepage = "https://github.com/wirthforge/wirthforge_ws"
    topics = ("websocket", "rfc6455", "streaming", "llm", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    def layout(self):
        basic_layout(self, src_folder="src")

    def requirements(self):
        self.requires("asio/[>=1.18.2 <2]")
        self.requires("nlohmann_json/[>=3.7.3 <4]")

    def package_id(self):
        self.info.clear()

    def validate(self):
        check_min_cppstd(self, 17)

    def source(self):
        get(self, **self.conan_data["sources"][self.version], strip_root=True)

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "wirthforge_ws.hpp", self.source_folder, os.path.join(self.package_folder, "include"))
        # for WIRTHFORGE_WS_SEPARATE_COMPILATION: a consumer adds it to one of its own targets
        copy(self, "wirthforge_ws.cpp", self.source_folder, os.path.join(self.package_folder, "res"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "wirthforge_ws")
        self.cpp_info.set_property("cmake_target_name", "wirthforge::ws")
        self.cpp_info.set_property("pkg_config_name", "wirthforge_ws")
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.resdirs = ["res"]
        if self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.system_libs.append("pthread")
        elif self.settings.os == "Windows":
            self.cpp_info.system_libs.extend(["ws2_32", "mswsock"])
