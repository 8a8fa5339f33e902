#include "app/cli/subcommand.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr NumberRange<float> kLatentValue{-std::numeric_limits<float>::max(),
                                          std::numeric_limits<float>::max(),
                                          tr("a list of finite numbers, as in 0.5,-1.2")};

class Encode : public Subcommand {
 public:
  explicit Encode(CLI::App& app)
      : Subcommand(app, "encode", tr("write the latent codes of inputs")) {
    add_saved_model(options_, encode_.model);
    add_data(options_, encode_.data)->required();
    add_split(options_, encode_.split);
    options_.number("--threads", encode_.threads, kThreads, tr("CPU threads"), "1");
    add_out(options_, encode_.out, tr("the table to write, FILE.csv or FILE.npy"));
  }

  Outcome<Request> request() const override {
    if (!encode_.out.ends_with(".csv") && !encode_.out.ends_with(".npy")) {
      return wrong_usage("--out: " + encode_.out +
                         tr(" ends neither in .csv nor in .npy; use one"));
    }
    return encode_;
  }

 private:
  EncodeOptions encode_;
};

class DecodeLine : public Subcommand {
 public:
  explicit DecodeLine(CLI::App& app)
      : Subcommand(app, "decode", tr("decode one latent code to a picture")) {
    add_saved_model(options_, decode_.model);
    options_.numbers("--z", decode_.z, kLatentValue, tr("the latent code"))->required();
    add_label(options_, decode_.label);
    add_out(options_, decode_.out, tr("the PNG to write"));
  }

  Outcome<Request> request() const override { return decode_; }

 private:
  DecodeOptions decode_;
};

class Sample : public Subcommand {
 public:
  explicit Sample(CLI::App& app) : Subcommand(app, "sample", tr("decode draws from the prior")) {
    add_saved_model(options_, sample_.model);
    options_.number("--count", sample_.count, kPictures, tr("how many pictures"), "64");
    add_label(options_, sample_.label, tr("each in turn"));
    add_seed(options_, sample_.seed, tr("decides the draws"));
    add_out(options_, sample_.out, tr("the PNG to write"));
  }

  Outcome<Request> request() const override { return sample_; }

 private:
  SampleOptions sample_;
};

class ReconstructLine : public Subcommand {
 public:
  explicit ReconstructLine(CLI::App& app)
      : Subcommand(app, "reconstruct", tr("show inputs above what the model makes of them")) {
    add_saved_model(options_, reconstruct_.model);
    add_data(options_, reconstruct_.data)->required();
    add_split(options_, reconstruct_.split);
    options_.number("--from", reconstruct_.first, kRow, tr("the first input's number"), "0");
    options_.number("--count", reconstruct_.count, kPictures, tr("how many inputs"),
                    tr("16, or all that there are"));
    add_seed(options_, reconstruct_.seed, tr("decides what dae and mae corrupt"));
    add_out(options_, reconstruct_.out, tr("the PNG to write"));
  }

  Outcome<Request> request() const override { return reconstruct_; }

 private:
  ReconstructOptions reconstruct_;
};

}  // namespace

SubcommandPtr make_encode_line(CLI::App& app) {
  return std::make_unique<Encode>(app);
}
SubcommandPtr make_decode_line(CLI::App& app) {
  return std::make_unique<DecodeLine>(app);
}
SubcommandPtr make_sample_line(CLI::App& app) {
  return std::make_unique<Sample>(app);
}
SubcommandPtr make_reconstruct_line(CLI::App& app) {
  return std::make_unique<ReconstructLine>(app);
}

}  // namespace zscape
