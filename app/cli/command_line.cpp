#include "app/cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "app/cli/option_list.h"
#include "app/cli/source_kind.h"

namespace zscape {
namespace {

constexpr std::array kCommands = {"explore", "train",      "eval", "decode",
                                  "sample",  "synthesize", "info"};
constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class Number>
Range<Number> from(Number least, std::string_view words) {
  return {least, std::numeric_limits<Number>::max(), words};
}
const auto kCount = from<std::int64_t>(1, "a whole number of at least 1");
const auto kSmallCount = from<int>(1, "a whole number of at least 1");
const auto kIndex = from<int>(0, "a whole number of at least 0");
const auto kSeed = from<std::uint64_t>(0, "a whole number of at least 0");
constexpr Range<int> kWidth{1, 65536, "a whole number from 1 to 65536"};
constexpr Range<int> kWidths{1, 65536, "one or more whole numbers from 1 to 65536, as in 400,200"};
constexpr Range<int> kThreads{1, 1024, "a whole number from 1 to 1024"};
constexpr Range<double> kPositive{std::numeric_limits<double>::min(),
                                  std::numeric_limits<double>::max(), "a number above 0"};
constexpr Range<double> kWeight{0, std::numeric_limits<double>::max(), "a number of at least 0"};
constexpr Range<double> kSigma{1e-3, std::numeric_limits<double>::max(),
                               "a number of at least 0.001"};
constexpr Range<float> kLatentValue{-std::numeric_limits<float>::max(),
                                    std::numeric_limits<float>::max(),
                                    "a list of finite numbers, as in 0.5,-1.2"};
constexpr Range<std::int64_t> kPictures{1, 100'000, "a whole number from 1 to 100000"};
constexpr Range<std::int64_t> kSynthetic{2, 10'000'000, "a whole number from 2 to 10000000"};

enum class Device { automatic, cpu, cuda };

Outcome<void> check_device(Device device) {
  if (device != Device::cuda) return {};
  return failed("--device cuda: this zscape computes on the CPU only; use auto or cpu");
}

void add_device(OptionList& options, Device& device) {
  options.choice<Device>(
      "--device", device,
      {{"auto", Device::automatic}, {"cpu", Device::cpu}, {"cuda", Device::cuda}},
      "where to compute", "auto");
}

CLI::Option* add_kind(OptionList& options, std::optional<ModelKind>& kind) {
  return options.choice<ModelKind>(
      "--model", kind, {{"ae", ModelKind::ae}, {"vae", ModelKind::vae}, {"cvae", ModelKind::cvae}},
      "what to train", "vae");
}

// One command: its options while CLI11 reads them, and what they ask for in the end.
class Command {
 public:
  Command(CLI::App& app, const std::string& name, const std::string& description)
      : app_(*app.add_subcommand(name, description)), options_(app_) {}
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  bool was_given() const { return app_.parsed(); }
  virtual Outcome<Request> request() const = 0;

 protected:
  CLI::App& app_;
  OptionList options_;
};

class Explore : public Command {
 public:
  explicit Explore(CLI::App& app) : Command(app, "explore", "open the explorer") {
    options_.text("MODEL|DATA", "", source_, "a saved model, a data folder or 'synthetic'");
    options_.text("--data", "DATA", data_, "a data folder or 'synthetic'", "synthetic");
    add_kind(options_, kind_);
    options_.number("--latent", latent_, kWidth, "latent dimensions of a new model", "2");
    add_device(options_, device_);
    options_.number("--threads", explore_.threads, kThreads, "CPU threads", "measured");
    options_.number("--seed", explore_.seed, kSeed, "seed of a new model", "0");
    options_.add("--size", "WxH", "size of the window", "1600x1000",
                 [this](std::string_view text) { return read_size(text); });
    options_.text("--script", "FILE", explore_.script, "play these interactions (JSON lines)");
    options_.text("--log", "FILE", explore_.log, "write what happens (JSON lines)");
  }

  Outcome<Request> request() const override {
    ExploreOptions explore = explore_;
    if (!data_.empty()) explore.data = data_;
    if (!source_.empty()) {
      const Expected<SourceKind> kind = source_kind(source_);
      if (!kind) return failed(kind.error().message);
      if (*kind == SourceKind::model) {
        if (kind_ || latent_) {
          return wrong_usage(
              fmt::format("{} makes a new model, and {} is a saved one; leave out "
                          "one of them",
                          kind_ ? "--model" : "--latent", source_));
        }
        explore.model_path = source_;
      } else if (!data_.empty()) {
        return wrong_usage(
            fmt::format("--data {} and {} are both data; leave out one of them", data_, source_));
      } else {
        explore.data = source_;
      }
    }
    explore.kind = kind_.value_or(explore.kind);
    explore.latent = latent_.value_or(explore.latent);
    if (auto checked = check_device(device_); !checked) return tl::unexpected(checked.error());
    return explore;
  }

 private:
  std::string read_size(std::string_view text) {
    const std::size_t cross = text.find('x');
    if (cross != std::string_view::npos) {
      const auto width = number_from<int>(text.substr(0, cross));
      const auto height = number_from<int>(text.substr(cross + 1));
      if (width && height && *width >= 320 && *width <= 16384 && *height >= 240 &&
          *height <= 16384) {
        explore_.width = *width;
        explore_.height = *height;
        return {};
      }
    }
    return "a size from 320x240 to 16384x16384, as in 1600x1000";
  }

  ExploreOptions explore_;
  std::string source_;
  std::string data_;
  std::optional<ModelKind> kind_;
  std::optional<int> latent_;
  Device device_ = Device::automatic;
};

class Train : public Command {
 public:
  explicit Train(CLI::App& app) : Command(app, "train", "train a model and save it") {
    options_.text("--data", "DATA", train_.data, "a data folder or 'synthetic'", "synthetic");
    add_kind(options_, kind_);
    options_.number("--latent", train_.spec.latent, kWidth, "latent dimensions", "2");
    options_.numbers("--hidden", train_.spec.hidden, kWidths,
                     "hidden widths of the encoder; the decoder mirrors them", "400");
    options_.number("--epochs", train_.epochs, kCount, "passes over the training images", "10");
    options_.number("--batch", train_.settings.batch_size, kSmallCount, "inputs a step", "128");
    options_.number("--lr", train_.settings.learning_rate, kPositive, "Adam's learning rate",
                    "0.001");
    options_.number("--lambda", kl_weight_, kWeight, "weight of the KL term", "1");
    options_.choice<Likelihood>("--likelihood", likelihood_,
                                {{"bernoulli", Likelihood::bernoulli},
                                 {"gaussian", Likelihood::gaussian},
                                 {"mse", Likelihood::mse}},
                                "how the decoder's output is scored", "bernoulli, ae: mse");
    options_.number("--sigma", sigma_, kSigma, "deviation of the Gaussian likelihood", "1");
    options_.number("--limit", train_.limit, kCount, "train on the first N images only", "all");
    options_.number("--seed", train_.seed, kSeed, "decides every random draw", "0");
    options_.number("--threads", train_.threads, kThreads, "CPU threads", "measured");
    add_device(options_, device_);
    options_.text("--out", "FILE", train_.out, "save the model as a safetensors file");
    options_.flag("--json", train_.json, "one JSON object an epoch");
  }

  Outcome<Request> request() const override {
    TrainOptions train = train_;
    ModelSpec& spec = train.spec;
    spec.kind = kind_.value_or(ModelKind::vae);
    spec.likelihood =
        likelihood_.value_or(spec.has_prior() ? Likelihood::bernoulli : Likelihood::mse);
    spec.sigma = sigma_.value_or(spec.sigma);
    train.settings.kl_weight = kl_weight_.value_or(train.settings.kl_weight);

    if (kl_weight_ && !spec.has_prior()) {
      return wrong_usage(
          fmt::format("--lambda: {} has no KL term to weigh; leave it out, or train "
                      "a vae",
                      name_of(spec.kind)));
    }
    if (sigma_ && spec.likelihood != Likelihood::gaussian) {
      return wrong_usage(
          fmt::format("--sigma belongs to --likelihood gaussian, and this is {}; "
                      "leave out one or change the other",
                      name_of(spec.likelihood)));
    }
    // With a shape and classes to stand in for the data's, only the likelihood can be wrong.
    ModelSpec stand_in = spec;
    stand_in.shape = {1, 1, 1};
    stand_in.classes = spec.reads_label() ? 1 : 0;
    if (const auto valid = validate(stand_in); !valid) {
      return wrong_usage("--likelihood: " + valid.error().message);
    }
    if (auto checked = check_device(device_); !checked) return tl::unexpected(checked.error());
    return train;
  }

 private:
  TrainOptions train_;
  std::optional<ModelKind> kind_;
  std::optional<Likelihood> likelihood_;
  std::optional<double> kl_weight_;
  std::optional<double> sigma_;
  Device device_ = Device::automatic;
};

class Eval : public Command {
 public:
  explicit Eval(CLI::App& app) : Command(app, "eval", "measure a model on data") {
    options_.text("MODEL", "", eval_.model, "a saved model")->required();
    options_.text("--data", "DATA", eval_.data, "a data folder or 'synthetic'")->required();
    options_.choice<SplitName>("--split", eval_.split,
                               {{"test", SplitName::test}, {"train", SplitName::train}},
                               "which images", "test");
    options_.number("--importance-samples", eval_.importance_samples, kSmallCount,
                    "samples an image for log p(x)", "64");
    options_.number("--seed", eval_.seed, kSeed, "decides every random draw", "0");
    options_.number("--threads", eval_.threads, kThreads, "CPU threads", "measured");
    options_.flag("--json", eval_.json, "print one JSON object");
  }

  Outcome<Request> request() const override { return eval_; }

 private:
  EvalOptions eval_;
};

class Decode : public Command {
 public:
  explicit Decode(CLI::App& app) : Command(app, "decode", "decode one latent code to a picture") {
    options_.text("MODEL", "", decode_.model, "a saved model")->required();
    options_.numbers("--z", decode_.z, kLatentValue, "the latent code")->required();
    options_.number("--label", decode_.label, kIndex, "the class (cvae)");
    options_.text("--out", "FILE", decode_.out, "the PNG to write")->required();
  }

  Outcome<Request> request() const override { return decode_; }

 private:
  DecodeOptions decode_;
};

class Sample : public Command {
 public:
  explicit Sample(CLI::App& app) : Command(app, "sample", "decode draws from the prior") {
    options_.text("MODEL", "", sample_.model, "a saved model")->required();
    options_.number("--count", sample_.count, kPictures, "how many pictures", "64");
    options_.number("--label", sample_.label, kIndex, "the class (cvae)", "each in turn");
    options_.number("--seed", sample_.seed, kSeed, "decides the draws", "0");
    options_.text("--out", "FILE", sample_.out, "the PNG to write")->required();
  }

  Outcome<Request> request() const override { return sample_; }

 private:
  SampleOptions sample_;
};

class Synthesize : public Command {
 public:
  explicit Synthesize(CLI::App& app)
      : Command(app, "synthesize", "write the embedded digits as IDX files") {
    options_.number("--count", synthesize_.count, kSynthetic,
                    "images in all, six training images to one test image", "70000");
    options_.number("--seed", synthesize_.seed, kSeed, "decides the images",
                    "the embedded data set's");
    options_.text("--out", "DIR", synthesize_.out, "the folder to write to")->required();
  }

  Outcome<Request> request() const override { return synthesize_; }

 private:
  SynthesizeOptions synthesize_;
};

class Info : public Command {
 public:
  explicit Info(CLI::App& app) : Command(app, "info", "say what a model or data set is") {
    options_.text("MODEL|DATA", "", info_.path, "a saved model, a data folder or 'synthetic'")
        ->required();
    options_.flag("--json", info_.json, "print one JSON object");
  }

  Outcome<Request> request() const override { return info_; }

 private:
  InfoOptions info_;
};

// `zscape` alone, and anything that does not begin with a command, opens the explorer.
Outcome<std::vector<std::string>> with_command(std::span<const std::string> arguments) {
  std::vector<std::string> all(arguments.begin(), arguments.end());
  if (all.empty()) return std::vector<std::string>{kCommands[0]};
  const std::string& first = all[0];
  if (first == "--help" || first == "-h" || first == "--version" ||
      std::ranges::find(kCommands, first) != kCommands.end()) {
    return all;
  }
  if (!first.starts_with("-") && !source_kind(first)) {
    return wrong_usage(
        fmt::format("{} is no command, no model and no data; zscape --help lists "
                    "the commands",
                    first));
  }
  all.insert(all.begin(), kCommands[0]);
  return all;
}

}  // namespace

Outcome<Request> parse_command_line(std::span<const std::string> arguments) {
  auto all = with_command(arguments);
  if (!all) return tl::unexpected(all.error());

  CLI::App app(
      "Watch autoencoders learn and walk through their latent space.\n"
      "Without a command the explorer opens: zscape [MODEL|DATA] [OPTIONS]; its options are in\n"
      "zscape explore --help.");
  app.name("zscape");
  app.set_version_flag("--version", "zscape " ZSCAPE_VERSION);
  app.require_subcommand(1);
  const Explore explore(app);
  const Train train(app);
  const Eval eval(app);
  const Decode decode(app);
  const Sample sample(app);
  const Synthesize synthesize(app);
  const Info info(app);
  const std::array<const Command*, kCommands.size()> commands = {
      &explore, &train, &eval, &decode, &sample, &synthesize, &info};

  const auto given = [&]() -> const Command* {
    const auto found = std::ranges::find_if(commands, &Command::was_given);
    return found == commands.end() ? nullptr : *found;
  };
  const std::string name = all->front();  // of the command, which may not have been written
  try {
    std::ranges::reverse(*all);  // CLI11 takes them from the back
    app.parse(std::move(*all));
  } catch (const CLI::CallForHelp&) {
    return Help{app.help()};
  } catch (const CLI::CallForVersion&) {
    return Help{std::string(app.version()) + "\n"};
  } catch (const CLI::ValidationError& error) {
    return wrong_usage(error.what());  // a whole sentence of OptionList
  } catch (const CLI::ParseError& error) {
    const std::string command = given() == nullptr ? "" : " " + name;
    return wrong_usage(
        fmt::format("{}; zscape{} --help lists what there is", error.what(), command));
  }
  return given()->request();
}

}  // namespace zscape
