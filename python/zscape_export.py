"""Takes an autoencoder from PyTorch to zscape and back. One file; it needs PyTorch 2.8 or newer, and nothing else.

    import zscape_export
    zscape_export.export(model.encoder, model.decoder, "model.pt2", x=(1, 28, 28))

    zscape model.pt2 --data DATA                                 # explore it
    zscape train --model model.pt2 --data DATA --out new.safetensors

    zscape_export.load(model.encoder, model.decoder, "new.safetensors")

The contract. The encoder reads x, [N, …], and returns μ and log σ² as two outputs or stacked along axis 1,
or μ alone. The decoder reads z and returns x̂, or its logits. A second input of both is the label: one-hot
as floats, [N, classes], or the class numbers, [N]. Objects with named fields, as pythae and diffusers return
them, are unpacked.

`watch(folder, model, x)` in a training loop writes the model now and then; `zscape --watch FOLDER` follows it.
"""

import copy
import inspect
import io
import json
import os
import pathlib
import tempfile
import time
import warnings
import zipfile

import torch
from torch import nn
from torch.utils._sympy.numbers import int_oo

__all__ = ["ExportError", "diffusers_parts", "export", "load", "watch"]

_LIKELIHOODS = ("bernoulli", "gaussian")
_LAYOUTS = ("vector", "NCHW", "NHWC")
_OUTPUTS = ("logits", "mean")
_BATCH = 3   # no likely size of anything else in a model
_OTHER_BATCHES = (1, 5, 70)
_TOLERANCE = 1e-4


class ExportError(ValueError):
    """What cannot be exported, and what would be right."""


# ---- what encoders and decoders return

# Fields that libraries give μ and log σ²: pythae, diffusers, and common habits.
_MEANS = ("embedding", "mean", "mu", "loc")
_LOG_VARIANCES = ("log_covariance", "logvar", "log_var", "log_variance")
_RECONSTRUCTIONS = ("reconstruction", "sample", "recon_x", "x_hat", "logits")


def _field(found, names):
    for name in names:
        value = found.get(name) if isinstance(found, dict) else getattr(found, name, None)
        if isinstance(value, torch.Tensor):
            return value
    return None


def _codes_of(found):
    """(μ, log σ²), or one tensor: μ, or both stacked."""
    if isinstance(found, torch.Tensor):
        return found
    found = getattr(found, "latent_dist", found)
    if isinstance(found, torch.distributions.Normal):
        return found.loc, 2 * found.scale.log()
    if isinstance(found, (tuple, list)) and not hasattr(found, "_fields"):
        tensors = list(found)
        if len(tensors) in (1, 2) and all(isinstance(t, torch.Tensor) for t in tensors):
            return tensors[0] if len(tensors) == 1 else tuple(tensors)
        raise ExportError(f"the encoder returns {len(tensors)} outputs; zscape needs μ and log σ², or "
                          "μ alone: wrap it in a module that returns these")
    mean, log_variance = _field(found, _MEANS), _field(found, _LOG_VARIANCES)
    if mean is None:
        raise ExportError(f"the encoder returns a {type(found).__name__}, in which no μ was found; wrap "
                          "it in a module that returns μ and log σ²")
    return mean if log_variance is None else (mean, log_variance)


def _picture_of(found):
    if isinstance(found, torch.Tensor):
        return found
    if isinstance(found, (tuple, list)) and len(found) == 1 and isinstance(found[0], torch.Tensor):
        return found[0]
    picture = _field(found, _RECONSTRUCTIONS)
    if picture is None:
        raise ExportError(f"the decoder returns a {type(found).__name__}; zscape needs one tensor: wrap "
                          "it in a module that returns x̂ or its logits")
    return picture


def _prepared(module, name, unpack):
    """A copy in eval mode, on the CPU, in float32, that returns tensors; the names of its weights stay."""
    if not isinstance(module, nn.Module):
        raise ExportError(f"the {name} is a {type(module).__name__}, not a torch.nn.Module")
    module = copy.deepcopy(module).to(device="cpu", dtype=torch.float32).eval()
    kind = type(module)

    def forward(self, *inputs):
        return unpack(kind.forward(self, *inputs))

    module.__class__ = type(kind.__name__, (kind,), {"forward": forward})
    return module


class _KlEncoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.encoder, self.quant_conv = model.encoder, model.quant_conv

    def forward(self, x):
        moments = self.encoder(x)
        if self.quant_conv is not None:
            moments = self.quant_conv(moments)
        mean, log_variance = moments.chunk(2, 1)
        return mean, log_variance.clamp(-30.0, 20.0)   # as DiagonalGaussianDistribution has it


class _KlDecoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.post_quant_conv, self.decoder = model.post_quant_conv, model.decoder

    def forward(self, z):
        return self.decoder(z if self.post_quant_conv is None else self.post_quant_conv(z))


def diffusers_parts(model):
    """Encoder and decoder of a diffusers `AutoencoderKL`: export(*diffusers_parts(vae), …, range=(-1, 1))."""
    return _KlEncoder(model), _KlDecoder(model)


# ---- export

def _example_of(x, name):
    """An example batch of _BATCH inputs, of an example or of the shape of one input."""
    if isinstance(x, torch.Tensor) or hasattr(x, "__array__"):
        x = torch.as_tensor(x).detach().cpu()
        if x.ndim < 1 or x.shape[0] < 1:
            raise ExportError(f"{name}: give a batch, [N, …], or the shape of one input as a tuple")
        if x.is_floating_point():
            x = x.float()
        return torch.cat([x] * _BATCH)[:_BATCH].clone()
    shape = (x,) if isinstance(x, int) else tuple(x)
    if not shape or not all(isinstance(side, int) and side > 0 for side in shape):
        raise ExportError(f"{name}: {x!r} is neither an example batch nor the shape of one input, such as (1, 28, 28)")
    return torch.rand(_BATCH, *shape, generator=torch.Generator().manual_seed(0))


def _labels(y, classes):
    """Example labels, or None."""
    if y is None and classes is None:
        return None
    if y is None:
        return nn.functional.one_hot(torch.arange(_BATCH) % classes, classes).float()
    y = torch.as_tensor(y).detach().cpu()
    if y.ndim == 1:
        y = y.long()
    elif y.ndim == 2:
        y = y.float()
    else:
        raise ExportError(f"y: labels are class numbers, [N], or one-hot, [N, classes], not {list(y.shape)}")
    return torch.cat([y] * _BATCH)[:_BATCH].clone()


def _again(tensor, count):
    return torch.cat([tensor.flip(0)] * (count // _BATCH + 1))[:count].clone()


def _call(module, name, inputs):
    try:
        with torch.no_grad():
            return module(*inputs)
    except ExportError:
        raise
    except Exception as error:
        shapes = " and ".join(str(list(one.shape)) for one in inputs)
        raise ExportError(f"the {name} cannot read {shapes}: {error}") from error


def _exported_program(module, name, inputs):
    batch = torch.export.Dim("batch", min=1)
    fixed = None
    for size in (batch, torch.export.Dim.AUTO):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # forward(self, *inputs) takes one tuple: so does its pattern of dynamic sizes.
                program = torch.export.export(module, tuple(inputs), strict=False,
                                              dynamic_shapes=(tuple({0: size} for _ in inputs),))
        except Exception as error:
            text = str(error).strip()
            if "batch" not in text or "onstraint" not in text and "specialized" not in text:
                raise ExportError(f"torch.export cannot export the {name}: {text}") from error
            fixed = error
            continue
        first = [node.meta["val"] for node in program.graph.nodes if node.op == "placeholder"][-len(inputs)]
        if not isinstance(first.shape[0], int):
            return program
    raise ExportError(f"the {name} fixes its batch size; write x.flatten(1) or x.reshape(x.shape[0], …) where it "
                      "computes with a number now") from fixed


def _program(module, name, inputs):
    """The exported program, tried on other batch sizes."""
    program = _exported_program(module, name, inputs)
    # Nobody's example inputs and paths should travel with the model.
    program._example_inputs = None
    for node in program.graph.nodes:
        for key in ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn"):
            node.meta.pop(key, None)
    # A branch on the batch size, as of diffusers' layouts in memory, is allowed where it changes no number.
    limits = program.range_constraints
    for symbol, limit in list(limits.items()):
        limits[symbol] = type(limit)(1, int_oo)
    run = program.module(check_guards=False) if "check_guards" in _names_of(program.module) else program.module()
    for count in _OTHER_BATCHES:
        other = [_again(one, count) for one in inputs]
        wanted = _call(module, name, other)
        try:
            with torch.no_grad():
                found = run(*other)
        except Exception as error:
            raise ExportError(f"the {name} works for {_BATCH} inputs at once but not for {count}: {error}") from error
        for one, two in zip(_flat(found), _flat(wanted)):
            scale = max(1.0, float(two.abs().max()))
            if one.shape != two.shape or float((one - two).abs().max()) > _TOLERANCE * scale:
                raise ExportError(f"the {name} gives other numbers at each call or batch size; it should return "
                                  "μ and log σ², or x̂, without drawing anything")
    return program


def _names_of(function):
    return inspect.signature(function).parameters


def _flat(outputs):
    return list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]


def _latent_of(codes, decoder, labels, latent):
    """The shape of one z: what the encoder returns, or half of it where it is μ and log σ² stacked."""
    if latent is not None:
        return (latent,) if isinstance(latent, int) else tuple(latent)
    if isinstance(codes, tuple):
        if codes[0].shape != codes[1].shape:
            raise ExportError(f"the encoder's outputs differ in shape: μ {list(codes[0].shape)}, log σ² "
                              f"{list(codes[1].shape)}")
        return tuple(codes[0].shape[1:])
    whole = tuple(codes.shape[1:])
    if not whole:
        raise ExportError("the encoder returns one number for each input; zscape needs [N, k]")
    shapes = [whole] if whole[0] % 2 else [(whole[0] // 2, *whole[1:]), whole]
    refused = None
    for shape in shapes:
        try:
            _call(decoder, "decoder", _with(torch.zeros(_BATCH, *shape), labels))
            return shape
        except ExportError as error:
            refused = error
    raise ExportError(f"the encoder returns {list(codes.shape)}, and {refused}; latent=… names the shape of one z")


def _with(first, labels):
    return [first] if labels is None else [first, labels]


def _bytes_of(program):
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(program, buffer)
    return buffer.getvalue()


def _write_whole(path, bytes_):
    """Under a temporary name beside its place, then renamed: nobody reads half a file."""
    path = pathlib.Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(bytes_)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        pathlib.Path(name).unlink(missing_ok=True)
        raise


def _packed(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, bytes_ in parts:
            archive.writestr(zipfile.ZipInfo(name), bytes_)   # the same bytes whenever it is written
    return buffer.getvalue()


def _one_of(what, value, allowed):
    if value is not None and value not in allowed:
        raise ExportError(f"{what}: {value!r} is none of {', '.join(allowed)}")


def _layout_of(shape, layout):
    if layout is None:
        layout = "vector" if len(shape) == 1 else "NHWC" if shape[-1] in (1, 3) and shape[0] not in (1, 3) else "NCHW"
    if (layout == "vector") != (len(shape) == 1) or len(shape) not in (1, 3):
        raise ExportError(f"layout: one input is {list(shape)}, which is not {layout}; zscape knows [d] as vector, "
                          "[C, H, W] as NCHW and [H, W, C] as NHWC")
    return layout


def _sidecar(shape, latent, classes, options):
    likelihood, range_, output = options["likelihood"], options["range"], options["output"]
    _one_of("likelihood", likelihood, _LIKELIHOODS)
    _one_of("output", output, _OUTPUTS)
    _one_of("layout", options["layout"], _LAYOUTS)
    said = {"format": "zscape.program", "version": 1}
    if likelihood is not None:
        said["likelihood"] = likelihood
    if range_ is not None:
        low, high = (float(end) for end in range_)
        if not low < high:
            raise ExportError(f"range: ({low:g}, {high:g}) is empty; give the least number and the greatest")
        if output == "logits" and (low, high) != (0, 1):
            raise ExportError(f"range: a sigmoid of logits lies in 0 … 1, not in {low:g} … {high:g}; output=\"mean\" "
                              "says that the decoder returns x̂ itself")
        said["range"] = [low, high]
    if shape is not None:
        said["layout"] = _layout_of(shape, options["layout"])
        said["shape"] = list(shape)
    if output is not None:
        said["output"] = output
    said["latent"] = list(latent)
    if classes is not None:
        said["classes"] = classes
    names = options["class_names"]
    if names is not None:
        names = [str(name) for name in names]
        if classes is not None and len(names) != classes:
            raise ExportError(f"class_names: {len(names)} names of {classes} classes")
        said["class_names"] = names
    return said


class _Exported:
    """Both programs and the sidecar; other weights of the same model may be put in."""

    def __init__(self, encoder, decoder, x, y, classes, latent, options):
        if decoder is None:
            raise ExportError("zscape needs a decoder")
        names = options["class_names"]
        labels = _labels(y, classes)
        if labels is not None and classes is None:
            classes = labels.shape[1] if labels.ndim == 2 else len(names) if names is not None else None
            if classes is None:
                raise ExportError("y: class numbers do not say how many classes there are; give classes=…")
        decoder = _prepared(decoder, "decoder", _picture_of)
        self.programs, shape = {}, None
        if encoder is None:
            if latent is None:
                raise ExportError("latent: without an encoder, give the shape of one z, such as 16 or (4, 8, 8)")
            latent = (latent,) if isinstance(latent, int) else tuple(latent)
        else:
            _warn_of_shared_weights(encoder, decoder_of=options["decoder"])
            encoder = _prepared(encoder, "encoder", _codes_of)
            if x is None:
                raise ExportError("x: give an example batch or the shape of one input, such as (1, 28, 28)")
            inputs = _with(_example_of(x, "x"), labels)
            shape = tuple(inputs[0].shape[1:])
            codes = _call(encoder, "encoder", inputs)
            latent = _latent_of(codes, decoder, labels, latent)
            self.programs["encoder"] = _program(encoder, "encoder", inputs)
        z = torch.randn(_BATCH, *latent, generator=torch.Generator().manual_seed(1))
        inputs = _with(z, labels)
        picture = _call(decoder, "decoder", inputs)
        if shape is not None and picture[0].numel() != torch.Size(shape).numel():
            raise ExportError(f"the decoder returns {list(picture.shape)}, and the encoder reads {[_BATCH, *shape]}: "
                              "not as many numbers")
        if shape is None and picture.ndim in (2, 4):
            shape = tuple(picture.shape[1:])
        self.programs["decoder"] = _program(decoder, "decoder", inputs)
        self.said = _sidecar(shape, latent, classes, options)

    def take(self, name, module):
        """The weights of a module whose program this is."""
        new = module.state_dict()
        with torch.no_grad():
            for key, tensor in self.programs[name].state_dict.items():
                tensor.copy_(new[key])

    def bytes(self):
        parts = [(f"{name}.pt2", _bytes_of(program)) for name, program in self.programs.items()]
        return _packed([*parts, ("zscape.json", json.dumps(self.said, ensure_ascii=False, indent=1).encode())])


def _warn_of_shared_weights(encoder, decoder_of):
    places = {id(weight): name for name, weight in encoder.named_parameters()}
    for name, weight in decoder_of.named_parameters():
        if id(weight) in places:
            warnings.warn(f"encoder.{places[id(weight)]} and decoder.{name} are one tensor; zscape will train them "
                          "apart", stacklevel=4)


def _exported(encoder, decoder, x, y, classes, latent, options):
    return _Exported(encoder, decoder, x, y, classes, latent, {**options, "decoder": decoder})


def export(encoder, decoder, path, *, x=None, y=None, classes=None, latent=None, likelihood=None, range=None,
           layout=None, output=None, class_names=None):
    """Writes both as one file for zscape, whole or not at all.

    encoder      reads x and returns μ and log σ² (or μ alone); None: a decoder alone, with latent=…
    decoder      reads z and returns x̂ or its logits
    x            an example batch, or the shape of one input: (784,), (1, 28, 28)
    y, classes   of a conditional model: example labels, or how many classes there are (one-hot then)
    latent       the shape of one z; found by itself where there is an encoder
    likelihood   "bernoulli" or "gaussian": how x̂ is scored; else zscape's default
    range        (low, high): what the model reads for black and white, such as (-1, 1); else 0 … 1
    layout       "vector", "NCHW" or "NHWC"; found by itself
    output       "logits" or "mean": what the decoder returns; else logits, unless it ends in a sigmoid
    class_names  a name for each class
    """
    options = dict(likelihood=likelihood, range=range, layout=layout, output=output, class_names=class_names)
    path = pathlib.Path(path)
    if path.suffix != ".pt2":
        raise ExportError(f"{path}: a name that ends in .pt2 is wanted")
    _write_whole(path, _exported(encoder, decoder, x, y, classes, latent, options).bytes())
    return path


# ---- back from zscape

_TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
          "I64": torch.int64, "I32": torch.int32, "U8": torch.uint8, "BOOL": torch.bool}


def _tensors_of(path):
    """A safetensors file: the length of a header, the header in JSON, the numbers."""
    bytes_ = bytearray(pathlib.Path(path).read_bytes())
    length = int.from_bytes(bytes_[:8], "little")
    if not 2 <= length <= len(bytes_) - 8:
        raise ExportError(f"{path} is no whole safetensors file")
    header = json.loads(bytes_[8:8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + place for place in entry["data_offsets"])
        kind = _TYPES[entry["dtype"]]
        part = bytes_[begin:end]
        tensors[name] = (torch.frombuffer(part, dtype=kind) if part else torch.empty(0, dtype=kind)).reshape(
            entry["shape"])
    return tensors


def load(encoder, decoder, path):
    """Puts the weights of a file that zscape saved into both modules, every name strictly."""
    both = nn.Module()
    both.encoder, both.decoder = encoder, decoder
    both.load_state_dict(_tensors_of(path), strict=True)


# ---- a run of one's own

_watched = {}


def _parts_of(model):
    if isinstance(model, (tuple, list)) and len(model) == 2:
        return tuple(model)
    if hasattr(model, "quant_conv") and hasattr(model, "post_quant_conv"):
        return diffusers_parts(model)
    encoder, decoder = getattr(model, "encoder", None), getattr(model, "decoder", None)
    if not isinstance(decoder, nn.Module):
        raise ExportError("watch: the model has no encoder and decoder by these names; give (encoder, decoder)")
    return encoder, decoder


def watch(folder, model, x=None, *, every=2.0, y=None, classes=None, latent=None, likelihood=None, range=None,
          layout=None, output=None, class_names=None):
    """For a training loop: writes model.pt2 into the folder, at most once in `every` seconds.

    model is a module with encoder and decoder, or the pair of both; the rest is as for export. Call it after
    each step: what is written is whole, and the graph is exported once, at the first call. Returns the path, or
    None where it is too early.
    """
    path = pathlib.Path(folder).resolve() / "model.pt2"
    encoder, decoder = _parts_of(model)
    key = (str(path), id(decoder if isinstance(model, (tuple, list)) else model))
    known = _watched.get(key)
    now = time.monotonic()
    if known is not None and now - known[1] < every:
        return None
    if known is None:
        options = dict(likelihood=likelihood, range=range, layout=layout, output=output, class_names=class_names)
        path.parent.mkdir(parents=True, exist_ok=True)
        # model is kept, so that no other takes its id.
        known = [_exported(encoder, decoder, x, y, classes, latent, options), 0.0, model]
        _watched[key] = known
    else:
        for name, module in (("encoder", encoder), ("decoder", decoder)):
            if name in known[0].programs:
                known[0].take(name, module)
    _write_whole(path, known[0].bytes())
    known[1] = time.monotonic()
    return path
