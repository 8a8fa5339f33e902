#!/usr/bin/env python3
"""Writes the inputs in corpus/ from which libFuzzer starts: small files of each reader, most of them whole."""

import gzip
import io
import json
import pathlib
import struct
import tarfile
import tempfile
import zipfile
import zlib

HERE = pathlib.Path(__file__).resolve().parent
PLAN = {
    "data": "synthetic", "image_size": "28x28", "kind": "vae", "network": "mlp", "hidden": [4, 3], "latent": 2,
    "likelihood": "bernoulli", "seed": 1, "batch": 8, "learning_rate": 0.001, "lambda": 4.0, "epochs": 2,
}


def put(target, name, data):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def parts(*files):
    """Several files as one input: a length before each but the last (parts_of in inputs.h)."""
    files = [file if isinstance(file, bytes) else file.encode() for file in files]
    return b"".join(struct.pack("<H", len(file)) + file for file in files[:-1]) + files[-1]


def idx(shape, values):
    return bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + bytes(values)


def npy(descr, shape, data, fortran=False, version=1):
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 16) + "\n"
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode() + data


def npz(compressed=False, **arrays):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, data in arrays.items():
            archive.writestr(zipfile.ZipInfo(name + ".npy"), data)   # the same bytes at any time
    return file.getvalue()


def safetensors(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def exif(order="<", orientation=6):
    entry = struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return (b"II" if order == "<" else b"MM") + struct.pack(order + "HIH", 42, 8, 1) + entry + bytes(4)


def gif(colours, local=b"", transparent=False):
    """Two pixels, the second colour and the first; and a second frame."""
    control = b"\x21\xF9\x04" + (b"\x01" if transparent else b"\x00") + b"\x00\x00\x00\x00"
    frame = b"\x2C" + struct.pack("<HHHHB", 0, 0, 2, 1, 0x80 if local else 0) + local + b"\x02\x02\x0C\x0A\x00"
    return (b"GIF89a" + struct.pack("<HHBBB", 2, 1, 0x80, 0, 0) + colours + b"\x21\xFE\x02hi\x00" + control + frame
            + control + frame + b"\x3B")


def png(width, height, colour, depth, lines, interlaced=0, palette=b"", alpha=b"", metadata=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
            + (chunk(b"eXIf", metadata) if metadata else b"") + (chunk(b"PLTE", palette) if palette else b"") + (chunk(b"tRNS", alpha) if alpha else b"")
            + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def bmp(bits, pixels, palette=b""):
    start = 54 + len(palette)
    return (b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start)
            + struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, bits, 0, len(pixels), 0, 0, len(palette) // 4, 0) + palette + pixels)


def tga(kind, bits, pixels, palette=b"", palette_bits=0):
    colours = len(palette) // max(palette_bits // 8, 1)
    return struct.pack("<BBBHHBHHHHBB", 0, 1 if palette else 0, kind, 0, colours, palette_bits, 0, 0, 2, 2, bits, 0x20) \
        + palette + pixels


def jpeg(progressive=False, components=1):
    """A grey or coloured picture of 8×8 pixels whose blocks hold a mean alone, one Huffman code for all."""
    def segment(marker, data):
        return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data

    one_code = bytes([1] + [0] * 15) + b"\x00"   # the code 0: category 0, or the end of a block
    sides = b"".join(bytes([i + 1, 0x11, 0]) for i in range(components))
    scans = bytes([components]) + b"".join(bytes([i + 1, 0]) for i in range(components))
    frame = segment(0xC2 if progressive else 0xC0, struct.pack(">BHHB", 8, 8, 8, components) + sides)
    return (b"\xFF\xD8" + segment(0xDB, b"\x00" + bytes([16] * 64)) + frame + segment(0xC4, b"\x00" + one_code)
            + segment(0xC4, b"\x10" + one_code)
            + segment(0xDA, scans + (b"\x00\x00\x00" if progressive else b"\x00\x3F\x00")) + b"\x03\x03" + b"\xFF\xD9")


def pictures():
    grey = png(2, 2, 0, 8, b"\x00\x10\x20\x00\x30\x40")
    put("picture", "grey.png", grey)
    put("picture", "cut.png", grey[:-20])
    put("picture", "rgba.png", png(2, 2, 6, 8, b"\x01\x10\x20\x30\x40\x01\x01\x01\x01\x02\x10\x20\x30\x40\x01\x01\x01\x01"))
    put("picture", "palette.png", png(2, 2, 3, 4, b"\x00\x10\x00\x01", palette=bytes(range(6)), alpha=b"\x80"))
    put("picture", "deep.png", png(1, 2, 2, 16, b"\x03\x10\x20\x30\x40\x01\x01\x04\x10\x20\x30\x40\x01\x01"))
    put("picture", "interlaced.png", png(2, 2, 0, 1, b"\x00\x80\x00\x80\x00\xC0", interlaced=1))
    put("picture", "grey.jpg", jpeg())
    put("picture", "colour.jpg", jpeg(components=3))
    put("picture", "progressive.jpg", jpeg(progressive=True))
    put("picture", "turned.png", png(2, 1, 0, 8, b"\x00\x10\x20", metadata=exif(">", 8)))
    app1 = b"Exif\x00\x00" + exif()
    put("picture", "turned.jpg", jpeg()[:2] + b"\xFF\xE1" + struct.pack(">H", len(app1) + 2) + app1 + jpeg()[2:])
    put("picture", "colour.gif", gif(bytes(range(6)), transparent=True))
    put("picture", "grey.gif", gif(bytes(6), local=b"\x10\x10\x10\x20\x20\x20"))
    put("picture", "grey.pgm", b"P5 # words\n2 1 255\n\x10\x20")
    put("picture", "text.pbm", b"P1 # ink\n3 1\n10 1")
    put("picture", "bits.pbm", b"P4 9 1\n\x80\x80")
    put("picture", "text.ppm", b"P3 1 2 15 0 1 2\n13 14 15")
    put("picture", "deep.pgm", b"P5 2 1 65535\n\x10\x20\x30\x40")
    put("picture", "colour.ppm", b"P6 1 1 255\n\x10\x20\x30")
    put("picture", "grey.bmp", bmp(8, bytes([0, 1, 0, 0, 1, 0, 0, 0]), palette=bytes([9, 9, 9, 0, 8, 8, 8, 0])))
    put("picture", "rgb.bmp", bmp(24, bytes(range(16))))
    put("picture", "palette.bmp", bmp(8, bytes([0, 1, 0, 0, 1, 0, 0, 0]), palette=bytes(range(8))))
    put("picture", "rgb.tga", tga(2, 24, bytes(range(12))))
    put("picture", "runs.tga", tga(10, 24, b"\x81\x10\x20\x30\x01" + bytes(6)))
    put("picture", "palette.tga", tga(1, 8, bytes([0, 1, 1, 0]), palette=bytes(range(6)), palette_bits=24))


def arrays():
    images = idx([3, 2, 2], range(12))
    put("idx", "labelled", parts(images, idx([3], [0, 1, 2]), "zero\none\ntwo\n"))
    put("idx", "compressed", parts(gzip.compress(images, mtime=0), gzip.compress(idx([3], [0, 1, 1]), mtime=0), ""))
    put("idx", "colours", parts(idx([2, 1, 2, 3], range(12)), "", ""))
    put("idx", "floats", parts(b"\0\0\x0d\3" + struct.pack(">3I4f", 2, 1, 2, 0, 1, 2, 255), b"\0\0\x0c\2" + struct.pack(">2I4i", 2, 2, 1, 9, 0, 9), ""))
    put("idx", "cut", parts(images[:-3], "", ""))
    put("labels", "words", "zero\n one \r\ntwo\n")
    put("labels", "marked", "\ufeffnull\nñ\n日本\n\n")
    put("labels", "blank", "a\n\nb\nc\n")

    put("npy", "bytes", npy("|u1", "(3, 2, 2)", bytes(range(12))))
    put("npy", "floats", npy("<f4", "(2, 2)", struct.pack("<4f", 0, 0.5, 1, -2)))
    put("npy", "swapped", npy(">f8", "(2, 2)", struct.pack(">4d", 0, 0.5, 1, 1e300), version=2))
    put("npy", "fortran", npy("<f4", "(2, 2, 2)", struct.pack("<8f", *range(8)), fortran=True))
    put("npy", "integers", npy("<i8", "(3,)", struct.pack("<3q", 0, 1, -1)))
    put("npy", "text", npy("<U2", "(1,)", b"a\0\0\0b\0\0\0"))
    put("npy", "objects", npy("|O", "(1,)", b"\x80\x04N."))
    put("npy_folder", "labelled",
        parts(npy("<f4", "(2, 3)", struct.pack("<6f", *range(6))), npy("<i4", "(2,)", struct.pack("<2i", 1, 0)), "a\nb\n"))
    put("npy_folder", "bytes", parts(npy("|u1", "(2, 2, 2, 3)", bytes(24)), npy("|u1", "(2,)", b"\0\1"), ""))
    images, labels = npy("|u1", "(3, 2, 2)", bytes(range(0, 240, 20))), npy("<i8", "(3,)", struct.pack("<3q", 0, 1, 0))
    put("npz", "stored", npz(x_train=images, y_train=labels, x_test=images, y_test=labels))
    put("npz", "compressed", npz(True, images=images, labels=labels, a=images, note=npy("|O", "(1,)", b"\x80\x04N.")))
    put("npz", "cut_short", npz(images=images)[:-30])
    put("npz", "one_hot", npz(arr_0=npy("<f8", "(2, 3)", struct.pack("<6d", *range(6))), arr_1=npy("|u1", "(2, 2)", b"\0\1\1\0")))
    put("amat", "pictures", parts("0 1 1 0\n1 0 0 1 \n", "1 1 1 1\n"))
    put("amat", "labelled", parts("0.5 1.0e+00  1 0 3\n1 0 0 1 2\n", ""))
    put("amat", "ragged", parts("1 0 1 1\n1 0 0\n", ""))
    put("cifar", "records", bytes([1] + [7] * 3072) * 2)
    put("cifar", "filled", b"\1\2\3\4")
    put("cifar", "cut", bytes(100))
    put("label_file", "words", "zebra\nant\nzebra\ncow\n")
    put("label_file", "few", "ant\ncow\n")
    put("label_file", "table", "row;label\n1;b\u00e4r\n2;ant\n3;ant\n4;b\u00e4r\n".encode("latin-1"))
    put("label_file", "npy", npy("<i8", "(4,)", struct.pack("<4q", 0, 1, -1, 2)))
    put("label_file", "one_hot", npy("|u1", "(4, 2)", bytes([0, 1, 1, 0, 0, 1, 1, 0])))
    put("label_file", "idx", b"\0\0\x08\1\0\0\0\4\0\1\2\0")
    put("csv", "blanks", " 1.5  2 cat\n0.5\t-3e2 dog \n2 1 cat\n")
    put("csv", "latin", "a,kind\n1,b\u00e4r\n2,\u20ac\n3,b\u00e4r\n".encode("cp1252"))
    put("csv", "header", "width,height,kind\n1.5,2,cat\n0.5,-3e2,dog\n2,1,cat\n")
    put("csv", "semicolons", "1,5;2;0\n2,5;3;1\n0,25;-1;1\n")
    put("csv", "quoted", '\xef\xbb\xbf"a ""b""","c\nd",label\r\n1,"2",0\r\n3,4,1\r\n'.encode("latin-1"))
    put("csv", "pixels", "".join(",".join(map(str, [row % 2, *range(row, row + 64)])) + "\n" for row in range(3)))
    put("csv", "ragged", "a,b\n1,2\n3\n")
    put("npy_folder", "wrong_labels",
        parts(npy("|u1", "(2, 2)", bytes(4)), npy("<i8", "(2,)", struct.pack("<2q", -1, 1 << 40)), ""))


def networks():
    tensors = {"a": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
               "b": {"dtype": "BF16", "shape": [], "data_offsets": [8, 10]},
               "c": {"dtype": "F64", "shape": [0, 3], "data_offsets": [10, 10]},
               "d": {"dtype": "F16", "shape": [1], "data_offsets": [10, 12]}}
    data = struct.pack("<2f", 1, float("nan")) + b"\x80\x3F\x01\x80"
    put("safetensors", "types", safetensors({"__metadata__": {"zscape": "{}"} | {"k": "ü"}, **tensors}, data))
    put("safetensors", "empty", safetensors({}, b""))
    put("safetensors", "gap", safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, bytes(8)))
    put("source_kind", "model", safetensors({}, b""))
    put("source_kind", "session", '{\n  "zscape_session": 2}')
    put("source_kind", "array", npy("|u1", "(3, 2, 2)", bytes(range(12))))
    put("source_kind", "other", "text")

    def layers(sizes, bias=True):
        return "".join(f"{name} {' '.join(map(str, shape))}\n" for network, widths in sizes.items()
                       for i, (a, b) in enumerate(zip(widths, widths[1:]))
                       for name, shape in ((f"{network}.{2 * i}.weight", (b, a)), (f"{network}.{2 * i}.bias", (b,))))

    spec = {"kind": "vae", "likelihood": "bernoulli", "hidden": [3], "latent": 2, "shape": [2, 2, 1], "classes": 0, "sigma": 1}
    figures = {"seed": 1, "epochs": 2, "steps": 3, "lambda": 1.0, "test_loss": 2.5, "test_kl": None,
               "code_range": {"low": [-1, -2], "high": [1, 2]}}
    vae = layers({"encoder": [4, 3, 4], "decoder": [2, 3, 4]})

    def model(tensors, **changes):
        return parts(json.dumps({"format": 1, "model": spec | changes, "data": "x", "figures": figures}), tensors)

    put("model", "vae", model(vae))
    put("model", "cvae", model(layers({"encoder": [7, 3, 4], "decoder": [5, 3, 4]}), kind="cvae", classes=3))
    put("model", "scaled", model(vae, likelihood="gaussian", learned_sigma=True,
                                 scaling={"mean": [0, 1, 2, 3], "deviation": [1, 1, 1, 2]}))
    put("model", "pca", model("encoder.0.weight 2 4\nencoder.0.bias 2\ndecoder.0.weight 4 2\ndecoder.0.bias 4\n",
                              kind="pca", likelihood="mse", hidden=[]))
    put("model", "mae", model(layers({"encoder": [4, 3, 2], "decoder": [2, 3, 4]}), kind="mae", likelihood="mse",
                              patch=1, mask_ratio=0.5))
    put("model", "plain_vae", parts("", vae))
    put("model", "plain_ae", parts("", layers({"encoder": [4, 3, 2], "decoder": [2, 3, 4]})))
    put("model", "conv", model("encoder.5.weight 4 64\ndecoder.0.weight 64 2\n", network="conv", hidden=[], shape=[4, 4, 1]))
    put("model", "not_finite", model(vae.replace("encoder.0.bias 3", "encoder.0.bias 3 nan")))

    loop = {"lambda": 1.0, "final_lambda": 1.0, "lambda_schedule": ["cyclic", 10, 4, 0], "best_validation_loss": None,
            "epochs_since_best": 0, "best_epoch": 0, "measured_at": 2, "seconds": 1.5, "plan": PLAN}
    losses = [1.0, 0.5, 0.5, 0.1]
    loop |= {"best_test": losses, "test": losses}
    for part in ("epoch", "test", "validation"):
        loop |= {f"{part}_sums": losses, f"{part}_inputs": 2}

    def checkpoint(memory, **more):
        return parts(json.dumps({"format": 1, "model": spec, "step": 2, "epoch": 0, "seen_in_epoch": 16,
                                 "run": json.dumps(memory)} | more),
                     "".join(f"{prefix}{line}\n" for prefix in ("state.", "state.adam.first_moment.")
                             for line in vae.splitlines())
                     + ("".join(f"best.{line}\n" for line in vae.splitlines()) if "best_step" in more else ""))

    put("checkpoint", "run", checkpoint(loop))
    put("checkpoint", "best", checkpoint(loop, best_step=1, best_sigma=1.0))
    put("checkpoint", "no_memory", checkpoint({}))


def documents():
    put("plan", "vae", json.dumps(PLAN))
    put("plan", "cvae", json.dumps(PLAN | {"kind": "cvae", "lambda": 2, "likelihood": "gaussian", "sigma": "learned"}))
    put("plan", "older", json.dumps([["--latent", "3"], ["--seed", "4"]]))
    put("plan", "unknown", '{"colour": 1}')

    place = {"z": [0.5, -1]}
    session = {
        "zscape_session": 2, "plan": PLAN, "model": "m", "running": False,
        "view": {"center": [0, 1.5], "height": 3, "axes": [0, 1, 1], "principal": True, "through": [0.5, 1], "split": "test",
                 "hidden_labels": [1], "label": 0, "layers": ["points", "pins"], "ellipses_of_all": False, "hover_card": True,
                 "camera": {"yaw": 1, "pitch": 0.5, "zoom": 2, "pan": [0, 0.1]}},
        "pins": [{"id": 1, "name": "a", "label": 0, **place, "input": {"split": "train", "index": 3}}],
        "paths": [{"id": 2, "name": "b", "label": 1, "mode": "linear", "points": [place, {"z": [1, 1]}]}],
        "selected": {"train": [1, 5], "test": []}, "layout": {"panels_hidden": False, "controls": 280.5},
        "other_models": [{"plan": PLAN, "model": "m"}, {"plan": PLAN}],
    }
    put("session", "whole", json.dumps(session))
    put("session", "small", json.dumps({**session, "pins": [], "paths": [], "other_models": [], "selected": {"train": [], "test": []}}))
    older = {key: session[key] for key in ("model", "view", "pins", "paths", "layout")}
    put("session", "older", json.dumps({"zscape_session": 1, "data": {"source": "d", "image_size": [8, 8]},
                                        "training": {"batch": 64, "lambda": 4.0, "seed": 7, "running": True}, **older,
                                        "second_model": {"kind": "ae", "hidden": [5], "latent": 2, "likelihood": "mse"}}))
    put("session", "other_version", '{"zscape_session": 9}')

    for name, line in {
        "wait": {"do": "wait", "epoch": 2, "timeout": 9}, "hover": {"do": "hover", "z": [0.5, -1]},
        "drag": {"do": "drag", "from": [0, 0], "to": [1, 1]}, "wheel": {"do": "wheel", "z": [0, 0], "by": -2},
        "key": {"do": "key", "name": "Ctrl+Shift+F12"}, "type": {"do": "type", "text": "aé日😀"},
        "widget": {"do": "click_widget", "name": "start", "at": 0.2}, "set": {"do": "set", "lambda": 4, "seed": 1},
        "model": {"do": "model", "kind": "cvae", "hidden": [8, 4], "latent": 3}, "data": {"do": "data", "source": "x"},
        "unknown": {"do": "dance"},
    }.items():
        put("script_line", name, json.dumps(line, ensure_ascii=False))

    put("settings", "all", json.dumps({"theme": "light", "text_percent": 150, "reduced_motion": True, "palette": "okabe-ito",
                                       "hint_seen": True}))
    put("settings", "wrong", '{"theme": 1, "text_percent": 1e99, "palette": "x"}')
    put("settings", "broken", '{"theme"')
    put("recent_files", "three", '["a", "b/c", 3, "é"]')
    put("recent_files", "none", "[]")
    put("recent_files", "broken", '["a"')


def archives():
    rows = b"".join(b"\0" + bytes([i, 255, 9]) for i in range(2))
    files = {"a/1.png": png(3, 2, 0, 8, rows), "b/2.png": png(3, 2, 0, 8, rows),
             "b/3.png": png(3, 2, 0, 8, rows)}
    for name, compression in (("zip", zipfile.ZIP_STORED), ("packed_zip", zipfile.ZIP_DEFLATED)):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", compression) as archive:
            for path, contents in files.items():
                archive.writestr(zipfile.ZipInfo(path), contents, compression)
        put("archive", name, data.getvalue())

    def tar(files, mode="w"):
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode=mode) as archive:
            for path, contents in files.items():
                entry = tarfile.TarInfo(path)
                entry.size = len(contents)
                archive.addfile(entry, io.BytesIO(contents))
        return data.getvalue()

    put("archive", "tar", tar(files))
    put("archive", "tar_gz", gzip.compress(tar(files), mtime=0))
    put("archive", "web", tar({"0.png": files["a/1.png"], "0.cls": b"3", "1.png": files["a/1.png"], "1.json": b'{"label": 5}'}))
    put("archive", "leads_out", tar({"../1.png": files["a/1.png"]}))


def files_of_libraries():
    """Of h5py and SciPy, which the other readers' inputs do without."""
    import h5py
    import numpy as np
    import scipy.io

    pictures = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
    labels = np.array([0, 1, 2, 1, 0])
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "file"

        def put_hdf5(name, fill, **options):
            with h5py.File(path, "w", **options) as file:
                fill(file)
            put("hdf5", name, path.read_bytes())

        def packed(file):
            file.create_dataset("images", data=pictures, chunks=(2, 4, 3), compression="gzip", shuffle=True)
            file["labels"] = labels

        def lzf(file):
            file.create_dataset("images", data=pictures // 9, chunks=(5, 4, 3), compression="lzf")
            file["labels"] = np.float32(labels[:, None] + [0.5, 2])   # factors, no classes
            file["age"] = np.arange(5)

        def cells(file):
            matrix = file.create_group("X")
            matrix.attrs["encoding-type"] = "csr_matrix"
            matrix.attrs["shape"] = (5, 3)
            matrix["data"] = np.float32([1, 2, 3])
            matrix["indices"] = [0, 2, 1]
            matrix["indptr"] = [0, 1, 1, 2, 3, 3]
            column = file.create_group("obs/cell_type")
            column.attrs["encoding-type"] = "categorical"
            column["codes"] = labels.astype(np.int8)
            column["categories"] = ["a", "b", "c"]

        def links(file):
            file["soft"] = h5py.SoftLink("/nowhere")
            file["external"] = h5py.ExternalLink("other.h5", "x")

        put_hdf5("packed", packed, libver="earliest")
        put_hdf5("new", packed, libver="latest")
        put_hdf5("lzf", lzf, libver="latest")
        put_hdf5("cells", cells, libver="latest")
        put_hdf5("links", links, libver="latest")
        for name, compressed in (("plain", False), ("packed", True)):
            scipy.io.savemat(path, {"X": np.moveaxis(pictures, 0, -1), "y": labels}, do_compression=compressed,
                             appendmat=False)
            data = path.read_bytes()
            data = b"MATLAB 5.0 MAT-file".ljust(116) + data[116:]   # SciPy writes the time
            put("mat", name, data)
        put("mat", "cut", data[:150])
        scipy.io.savemat(path, {"ff": pictures[0]}, format="4", appendmat=False)
        put("mat", "version4", path.read_bytes())


def pictures_of_libraries():
    """Of Pillow, whose libtiff and libwebp are its own."""
    import numpy as np
    from PIL import Image

    def encoded(pixels, format, **options):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, format, **options)
        return file.getvalue()

    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    colour = np.arange(3 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4)
    for name, compression in (("plain", None), ("lzw", "tiff_lzw"), ("deflate", "tiff_adobe_deflate"),
                              ("packbits", "packbits")):
        put("tiff", name, encoded(colour[..., :3], "TIFF", compression=compression))
    put("tiff", "grey", encoded(grey, "TIFF"))
    put("tiff", "deep", encoded(grey.astype(np.uint16) * 300, "TIFF"))
    put("tiff", "floats", encoded(grey.astype(np.float32) / 9 - 1, "TIFF"))
    put("tiff", "not_finite", encoded(np.where(grey == 7, np.nan, grey).astype(np.float32), "TIFF"))
    put("tiff", "alpha", encoded(colour, "TIFF"))
    put("tiff", "jpeg", encoded(colour[..., :3], "TIFF", compression="jpeg"))
    put("tiff", "cut", encoded(grey, "TIFF")[:60])
    put("tiff", "far", encoded(grey, "TIFF").replace(b"\x08\x00\x00\x00", b"\xF8\xFF\xFF\x7F", 1))
    put("webp", "lossy", encoded(colour[..., :3], "WEBP"))
    put("webp", "lossless", encoded(colour[..., :3], "WEBP", lossless=True))
    put("webp", "alpha", encoded(colour, "WEBP"))
    put("webp", "cut", encoded(colour, "WEBP")[:-9])
    frames = [Image.fromarray(np.full((3, 4), value, np.uint8)).convert("RGB") for value in (9, 200)]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    put("webp", "animated", file.getvalue())


def parquet_files():
    """Of pyarrow, where it is installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError:
        return
    grey = png(2, 2, 0, 8, b"\x00\x10\x20\x00\x30\x40")
    hub = json.dumps({"info": {"features": {"label": {"names": ["b", "a"], "_type": "ClassLabel"}}}})
    pictures = pa.table({"image": [{"bytes": grey, "path": None}] * 3, "label": [0, 1, 0]})
    tables = {"pictures": pictures.replace_schema_metadata({"huggingface": hub}),
              "table": pa.table({"a": [1.5, 2, 3], "b": pa.array([1, 2, 9], pa.uint8()), "y": ["p", "q", "p"]}),
              "lists": pa.table({"emb": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]})}
    for name, table in tables.items():
        file = io.BytesIO()
        pa.parquet.write_table(table, file, compression="none" if name == "lists" else "snappy")
        put("parquet", name, file.getvalue())
    put("parquet", "cut", file.getvalue()[:-40])


def downloads():
    images = gzip.compress(idx([2, 2, 2], range(8)), mtime=0)
    put("fetch", "whole", parts("https://example.invalid/set/", "bytes 100-199/200", images))
    put("fetch", "ftp", parts("ftp://example.invalid", "bytes */200", images))
    put("fetch", "cut", parts("http://a", "bytes 0-", images[:-9]))
    put("fetch", "two_members", parts("HTTP://a/b", "bytes 3-4/9", images + gzip.compress(b"more", mtime=0)))
    put("fetch", "bomb", parts("http://a", "bytes 1-2/3", gzip.compress(idx([1 << 31, 1 << 20], bytes(4096)), mtime=0)))
    put("fetch", "broken_off", parts("http://a", "bytes 99999999999999999999-", images[:40] + images[44:]))


def kept_sessions():
    kept = json.dumps({"zscape_session": 2, "plan": PLAN, "kept": {"at": 1, "step": 208, "closed": True}})
    put("session_store", "two", parts(kept, kept.replace("208", "7"), '{"zscape_session": 1}'))
    put("session_store", "none", parts("", "", ""))
    put("session_store", "broken", parts('{"plan": {"data": "d"}, "kept": {"step": -1}}', '{"plan": 3}', ""))
    put("session_store", "no_step", parts('{"plan": {"data": ""}, "kept": {}}', "", "x"))


def programs():
    """What tests/fixtures/make_programs.py has torch write."""
    folder = HERE.parent / "fixtures" / "programs"
    for name, file in {"packed": "ae", "decoder": "mlp.decoder", "static_batch": "static_batch",
                       "use_pickle": "use_pickle"}.items():
        put("program", name, (folder / f"{file}.pt2").read_bytes())


if __name__ == "__main__":
    arrays()
    pictures()
    networks()
    documents()
    downloads()
    kept_sessions()
    archives()
    files_of_libraries()
    programs()
    pictures_of_libraries()
    parquet_files()
