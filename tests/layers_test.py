"""Which file may include what (docs/STYLE.md, "Layers"), and what no file may hold."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_LINES = 700

# What a header belongs to, by the name in the #include line; the first match holds.
FAMILIES = [
    ("posix", r"(sys/.*|unistd|fcntl|pthread|sched|signal|stdlib|malloc|dlfcn|poll|spawn)\.h|linux/[a-z]+\.h"),
    ("std", r"[a-z_]+"),
    ("text", r"engine/text\.h"),   # what every sentence for people goes through
    ("expected", r"tl/expected\.hpp|engine/error\.h"),   # a value, or what went wrong
    ("fmt", r"fmt/.*"),
    ("eigen", r"Eigen/.*"),
    ("json", r"nlohmann/.*|engine/json_text\.h"),
    ("zlib", r"zlib\.h"),
    ("stb", r"(stb/)?stb_.*\.h"),
    ("curl", r"curl/.*"),
    ("openssl", r"openssl/.*"),
    ("gif", r"gif_lib\.h"),
    ("c_readers", r"(hdf5|matio|archive|archive_entry|tiffio)\.h|webp/.*"),   # of zscape-read alone
    ("arrow", r"(arrow|parquet)/.*"),   # of the part for Parquet files alone
    ("parquet_plugin", r"engine/parquet/plugin\.h"),
    ("mpi", r"mpi\.h"),   # of the part for MPI alone
    ("mpi_plugin", r"engine/mpi/plugin\.h"),
    ("file_reader", r"engine/reader/file_reader\.h"),
    ("cuda", r"(ATen/cuda|c10/cuda)/.*|cuda_runtime_api\.h"),
    ("torch", r"(torch|ATen|c10)/.*"),
    ("imgui", r"(imgui|imgui_internal|imgui_freetype|imgui_stdlib)\.h"),
    ("imgui_gl", r"(backends/)?imgui_impl_(glfw|opengl3)\.h"),
    ("gl", r"(epoxy|GL|GLES\d)/.*"),
    ("glfw", r"GLFW/.*"),
    ("cli11", r"CLI/.*"),
    ("engine", r"engine/[^/]+\.h"),   # the engine's public headers
    ("reader_protocol", r"engine/data/reader_protocol\.h"),
    ("engine/data", r"engine/data/.*"),
    ("engine/reader", r"engine/reader/.*"),
    ("engine/io", r"engine/io/.*"),
    ("sleef", r"immintrin\.h|sleef\.h"),   # LibTorch's vector mathematics
    ("engine/kernels", r"engine/kernels/.*"),
    ("engine/model", r"engine/model/.*"),
    ("engine/program", r"engine/program/.*"),
    ("engine/trainers", r"engine/training/trainers/.*"),
    ("engine/training", r"engine/training/[^/]+\.h"),
    ("engine/lab", r"engine/lab/.*"),
    ("engine/core", r"engine/core/.*"),
    ("engine/eval", r"engine/eval/.*"),
    ("cuda_plugin", r"engine/cuda/plugin\.h"),
    ("engine/backend", r"engine/backend/.*"),
    ("app/files", r"app/files/.*"),
    ("app/lab", r"app/lab/.*"),
    ("app/cli", r"app/cli/.*"),
    ("latent_view", r"app/gui/view/latent/latent_view\.h"),   # plain values
    ("app/gui/view", r"app/gui/view/.*"),
    ("app/gui/panels", r"app/gui/panels/.*"),
    ("app/gui/gl", r"app/gui/gl/.*"),
    ("app/gui", r"app/gui/[^/]+\.h"),
]

# What the files of a folder may include; the first match holds.
LAYERS = [
    (r"engine/text\.h", "std fmt"),
    (r"engine/json_text\.h", "std text json"),
    (r"engine/[^/]+\.h", "std expected engine"),
    (r"engine/symmetric_matrix\.cpp", "std eigen engine"),
    (r"engine/(physical_memory|kept_block)\.cpp", "std posix engine"),
    (r"engine/input_mapping\.cpp", "std posix expected text engine"),
    (r"engine/[^/]+\.cpp", "std expected fmt text engine"),
    (r"engine/core/.*", "std posix expected fmt text engine engine/training engine/core"),
    (r"engine/lab/(reading|ordered_json)\.h", "std expected text json engine engine/training engine/lab"),
    (r"engine/lab/[^/]+\.h", "std expected engine engine/training engine/lab"),
    (r"engine/lab/.*", "std posix expected fmt text json engine engine/training engine/io engine/lab"),
    (r"engine/training/[^/]+", "std expected fmt text json engine engine/training"),
    (r"engine/data/.*", "std posix expected fmt text zlib stb curl openssl json engine reader_protocol engine/data"),
    (r"engine/reader/.*", "std posix expected fmt text json c_readers reader_protocol parquet_plugin file_reader engine/reader"),
    (r"engine/parquet/.*", "std expected fmt text json arrow parquet_plugin file_reader"),
    (r"engine/io/.*", "std posix expected fmt text zlib stb gif json engine engine/io"),
    (r"engine/kernels/.*", "std sleef engine/kernels"),
    (r"engine/model/.*", "std posix expected fmt text torch engine engine/model"),
    (r"engine/program/.*", "std expected fmt text json torch engine engine/data engine/model engine/program"),
    (r"engine/training/trainers/.*",
     "std expected fmt text torch engine engine/training engine/kernels engine/model engine/trainers"),
    (r"engine/eval/.*", "std expected fmt text torch engine engine/training engine/kernels engine/model engine/eval"),
    (r"engine/cuda/.*", "std torch cuda cuda_plugin engine engine/trainers"),
    (r"engine/mpi/.*", "std text mpi mpi_plugin engine"),
    (r"engine/backend/.*",
     "std posix expected fmt text json torch cuda_plugin mpi_plugin engine engine/training engine/data engine/io engine/model "
     "engine/program engine/trainers engine/eval engine/backend"),
    (r"app/files/.*", "std posix expected fmt text json engine engine/data engine/io app/files"),
    (r"app/lab/.*", "std posix expected fmt text json engine engine/training engine/lab engine/data engine/io app/lab"),
    (r"app/cli/.*",
     "std posix expected fmt text json cli11 engine engine/training engine/lab engine/data engine/io app/files app/lab "
     "app/cli"),
    (r"app/gui/gl/.*", "std expected fmt text gl latent_view app/gui/gl"),
    (r"app/gui/view/.*", "std expected fmt text imgui engine engine/training engine/lab latent_view app/gui/view"),
    (r"app/gui/panels/.*",
     "std expected fmt text imgui engine engine/training engine/lab latent_view app/gui/view app/gui/panels"),
    (r"app/gui/[^/]+",
     "std posix expected fmt text json imgui imgui_gl glfw engine engine/training engine/lab engine/io latent_view "
     "app/files app/gui/view app/gui/panels app/gui/gl app/gui"),
    (r"app/[^/]+", "std posix expected fmt text engine engine/backend app/cli app/gui"),
]


def family_of(header):
    for family, pattern in FAMILIES:
        if re.fullmatch(pattern, header):
            return family
    return f"<{header}>, which no layer knows"


def forbidden_includes(path, text):
    """The lines of a file that include what its layer may not."""
    layers = [names.split() for pattern, names in LAYERS if re.fullmatch(pattern, path)]
    if not layers:
        return []
    allowed = layers[0]
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^">]+)[">]', line)
        if match and family_of(match[1]) not in allowed:
            found.append(f"{path}:{number}: {line.strip()} ({family_of(match[1])}); "
                         f"this layer may include {', '.join(allowed)}")
    return found


# Written so that no pattern matches itself.
MACHINE_PATH = re.compile(r"(?<![\w.$}~*-])/(?:work|root|home|Users)/")
PACKAGE_HOST = re.compile(
    r"(?:pypi|pythonhosted|debian|ubuntu|pytorch|conda|anaconda|npmjs|crates)\.(?:org|com|io)",
    re.IGNORECASE)


def forbidden_words(path, text):
    return [f"{path}:{number}: {match[0]}"
            for number, line in enumerate(text.splitlines(), 1)
            for match in [MACHINE_PATH.search(line) or PACKAGE_HOST.search(line)] if match]


def our_files():
    """Everything that is in git or would be added to it, relative to the root."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(name for name in listed.splitlines() if (ROOT / name).is_file())


def read(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def cpp_files():
    return [name for name in our_files() if name.endswith((".h", ".cpp"))]


def test_every_file_includes_only_what_its_layer_may():
    assert len(cpp_files()) > 20
    found = [line for name in cpp_files() for line in forbidden_includes(name, read(name))]
    assert not found, "\n".join(found)


def test_every_file_of_engine_and_app_belongs_to_a_layer():
    homeless = [name for name in cpp_files() if name.startswith(("engine/", "app/"))
                and not any(re.fullmatch(pattern, name) for pattern, _ in LAYERS)]
    assert not homeless


def test_no_file_names_a_machine_path_or_a_package_host():
    found = [line for name in our_files() for line in forbidden_words(name, read(name))]
    assert not found, "\n".join(found)


def test_no_cpp_file_is_longer_than_a_few_screens():
    long_ones = {name: lines for name in cpp_files()
                 if (lines := read(name).count("\n")) > MAX_LINES}
    assert not long_ones


@pytest.mark.parametrize("path, line", [
    ("engine/snapshot.h", "#include <torch/torch.h>"),
    ("engine/snapshot.h", "#include <fmt/format.h>"),
    ("engine/core/engine.cpp", '#include "app/gui/view/theme.h"'),
    ("engine/core/engine.cpp", '#include "engine/backend/torch_backend.h"'),
    ("engine/data/idx.cpp", '#include "engine/model/network.h"'),
    ("engine/io/png.cpp", "#include <c10/core/Device.h>"),
    ("engine/io/png.cpp", "#include <curl/curl.h>"),
    ("engine/data/load.cpp", "#include <gif_lib.h>"),
    ("engine/data/load.cpp", "#include <hdf5.h>"),
    ("engine/reader/mat.cpp", '#include "engine/data/load.h"'),
    ("engine/reader/parquet.cpp", "#include <parquet/arrow/reader.h>"),
    ("engine/model/network.cpp", '#include "engine/training/trainers/adam.h"'),
    ("engine/backend/mpi_plugin.cpp", "#include <mpi.h>"),
    ("engine/eval/figures.cpp", '#include "engine/training/trainers/adam.h"'),
    ("app/cli/train.cpp", "#include <ATen/ATen.h>"),
    ("app/cli/train.cpp", "#include <imgui.h>"),
    ("app/gui/panels/curves/curves_panel.cpp", "#include <epoxy/gl.h>"),
    ("app/gui/panels/curves/curves_panel.cpp", "#include <GLFW/glfw3.h>"),
    ("app/gui/panels/curves/curves_panel.cpp", '#include "app/gui/input.h"'),
    ("app/gui/view/frame/theme.cpp", '#include "engine/model/network.h"'),
    ("app/gui/gl/scatter.cpp", "#include <imgui.h>"),
    ("app/gui/gl/scatter.cpp", '#include "engine/snapshot.h"'),
    ("app/gui/window.cpp", "  #  include <GL/gl.h>"),
    ("app/gui/window.cpp", "#include <curl/curl.h>"),
])
def test_a_wrong_include_is_found(path, line):
    assert len(forbidden_includes(path, f"#pragma once\n{line}\n#include <vector>\n")) == 1


def test_a_machine_path_and_a_package_host_are_found():
    assert forbidden_words("a", "open(" + '"/' + 'root/x")')
    assert forbidden_words("a", "see files.pythonhosted" + ".org")
    assert not forbidden_words("a", "${HOME}/work/x ../root/y pytorch")
