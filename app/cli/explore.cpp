#include <filesystem>
#include <system_error>
#include <utility>

#include "app/cli/foreign_model.h"
#include "app/cli/model_command.h"
#include "app/cli/outputs.h"
#include "app/cli/subcommand.h"
#include "app/files/source_kind.h"
#include "engine/data/formats.h"
#include "engine/text.h"

namespace zscape {
namespace {

class ExploreCommand : public Subcommand {
 public:
  explicit ExploreCommand(CLI::App& app) : Subcommand(app) {
    options_.text("MODEL|SESSION|DATA", "", source_,
                  tr("A saved model or session, or data as --data takes them."));
    for (const char* key :
         {"data", "image_size", "fit", "ground", "range", "label_column", "labels_file", "sequence",
          "memory", "kind", "latent", "device", "threads", "kernels", "seed"}) {
      parameters_.add(parameter(key));
    }
    options_.text("--codes", "FILE", codes_,
                  tr("Codes that something else made, a row for each input of the data, in the "
                     "order of those. They are shown in place of a model. Without data they are "
                     "explored alone."));
    options_.text("--images", "DATA", images_,
                  tr("The inputs of codes: MODEL|SESSION|DATA, or --codes, names the codes then."));
    options_.add("--size", "WxH", tr("Size of the window."), "1600x1000",
                 [this](std::string_view text) { return read_size(text); });
    options_.flag("--new", explore_.is_new,
                  tr("Begins afresh instead of going on with the last session."));
    options_.text("--script", "FILE", explore_.script,
                  tr("Plays these interactions (JSON lines)."));
    options_.text("--log", "FILE", explore_.log, tr("Writes what happens (JSON lines)."));
    options_.text("--watch", "FOLDER", explore_.watched,
                  tr("Shows the newest model of this folder whenever Python writes one."));
    foreign_.add(options_, parameters_);
    options_.footer(data_formats_help());
  }

  Outcome<void> run(const Surroundings& surroundings, Console&) override {
    const RunPlan plan = parameters_.values();
    explore_.data = plan.data;
    explore_.seed = plan.seed;
    explore_.kind = plan.spec.kind;
    if (parameters_.has("latent")) explore_.latent = plan.spec.latent;
    explore_.is_plain = source_.empty() && codes_.empty() && images_.empty() &&
                        explore_.watched.empty() &&
                        first_given({"data", "labels_file", "kind", "latent"}).empty();
    if (auto told = tell_codes_apart(); !told) return told;
    if (!source_.empty()) {
      if (auto taken = take_source(); !taken) return taken;
    }
    if (auto taken = take_codes(); !taken) return taken;
    explore_.said = foreign_.said(parameters_);
    if (auto fits = check_model(); !fits) return fits;
    if (auto fine = check_log(); !fine) return fine;
    // Only what is named needs a check; the rest is measured when training begins.
    if (!plan.compute.kernels.empty() || plan.compute.device == Device::cuda) {
      if (auto possible = surroundings.settled(plan.compute); !possible) {
        return failed(possible.error().message);
      }
    }
    const std::shared_ptr<Backend> backend = surroundings.make_backend(plan.compute);
    treat_pictures_as_learned(*backend);
    const int code = surroundings.explore(explore_, backend);
    if (code != 0) return tl::unexpected(Failure{static_cast<ExitCode>(code), ""});
    return {};
  }

 private:
  // Where a model is opened on a folder, which may hold pictures.
  void treat_pictures_as_learned(Backend& backend) {
    std::error_code error;
    if (explore_.model_path.empty() || is_data_name(explore_.data.source) ||
        !std::filesystem::is_directory(explore_.data.source, error)) {
      return;
    }
    backend.enter_thread(ThreadRole::helper);
    const auto opened = backend.open_model(explore_.model_path, explore_.said);
    if (!opened) return;  // the window says why
    explore_.data = as_learned(explore_.data, opened->model->spec(), opened->record);
  }

  // The first of these options that the line gives; empty: none.
  std::string first_given(std::initializer_list<const char*> keys) const {
    for (const char* key : keys) {
      if (parameters_.has(key)) return parameter(key).flag();
    }
    return {};
  }

  Outcome<void> check_model() const {
    const std::string option = foreign_.given(parameters_);
    if (explore_.model_path.empty() && explore_.watched.empty()) {
      if (option.empty()) return {};
      // Codes may come with a decoder, which is a model of its own.
      if (!explore_.codes_path.empty() && !explore_.said.decoder_file.empty()) return {};
      return wrong_usage(
          tr("{} is of a saved model without zscape's metadata, or of one that PyTorch exported; "
             "name one, or leave it out",
             option));
    }
    if (!explore_.watched.empty()) {
      const std::string other =
          !explore_.session_path.empty() ? explore_.session_path : first_given({"kind", "latent"});
      if (!other.empty()) {
        return wrong_usage(tr(
            "--watch shows the models of a folder, and {} another; leave out one of them", other));
      }
      std::error_code error;
      if (!std::filesystem::is_directory(explore_.watched, error)) {
        return failed(
            tr("--watch {}: this is no folder; make it, or name the one that Python "
               "writes to",
               explore_.watched));
      }
    }
    return explore_.model_path.empty() ? Outcome<void>() : foreign_.check(explore_.model_path);
  }

  // With --images the first argument is the codes.
  Outcome<void> tell_codes_apart() {
    if (images_.empty()) return {};
    if (codes_.empty()) codes_ = std::exchange(source_, {});
    if (codes_.empty()) {
      return wrong_usage(tr("--images {} are the inputs of codes; name the codes too", images_));
    }
    if (!source_.empty() || parameters_.has("data")) {
      return wrong_usage(tr("--images {} and {} are both data; leave out one of them", images_,
                            source_.empty() ? explore_.data.source : source_));
    }
    return {};
  }

  Outcome<void> take_codes() {
    if (!codes_.empty()) {
      if (!explore_.model_path.empty() || !explore_.session_path.empty()) {
        return wrong_usage(
            tr("--codes {} takes the place of a model; leave out {}", codes_, source_));
      }
      if (const auto option = first_given({"kind", "latent"}); !option.empty()) {
        return wrong_usage(
            tr("{} makes a new model, and {} holds codes; leave out one of them", option, codes_));
      }
      const Expected<SourceKind> kind = source_kind(codes_);
      if (!kind) return failed(kind.error().message);
      if (*kind != SourceKind::data || is_data_name(codes_)) {
        return failed(
            tr("--codes: {} is no file of codes; give a file of numbers, a row for each "
               "input, as .npy, .npz or .csv",
               codes_));
      }
      explore_.codes_path = codes_;
      if (!images_.empty())
        explore_.data.source = images_;
      else if (source_.empty() && !parameters_.has("data"))
        explore_.data.source = codes_;
    }
    return take_labels();
  }

  // As an absolute path, since a session keeps it.
  Outcome<void> take_labels() {
    std::string& labels = explore_.data.labels_file;
    if (labels.empty()) return {};
    if (explore_.data.source.empty() || is_data_name(explore_.data.source)) {
      return wrong_usage(tr("--labels {} are of inputs in a file; name that too", labels));
    }
    std::error_code error;
    const auto whole = std::filesystem::absolute(labels, error);
    if (!error) labels = whole.lexically_normal().string();
    return {};
  }

  Outcome<void> check_log() const {
    return check_replaces_nothing({"--log", explore_.log, FileType::json},
                                  {{{explore_.script, tr("the script")},
                                    {explore_.model_path, tr("the model")},
                                    {explore_.session_path, tr("the session")},
                                    {explore_.codes_path, tr("the codes")}},
                                   explore_.data.source});
  }

  Outcome<void> take_source() {
    const Expected<SourceKind> kind = source_kind(source_);
    if (!kind) return failed(kind.error().message);
    switch (*kind) {
      case SourceKind::picture:
        return failed(
            tr("{} is a picture; name a folder of pictures, another data set, a model or a session",
               source_));
      case SourceKind::session:
        if (const auto option = first_given({"kind", "latent"}); !option.empty()) {
          return wrong_usage(
              tr("{} is a session and has a model of its own; leave out {}", source_, option));
        }
        if (const auto option = first_given({"image_size", "fit", "ground", "range", "label_column",
                                             "labels_file", "sequence", "memory"});
            !option.empty()) {
          return wrong_usage(
              tr("{} is a session and reads its data as it did; leave out {}", source_, option));
        }
        explore_.session_path = source_;
        if (parameters_.has("data")) return take_session_data();
        return {};
      case SourceKind::data:
        if (parameters_.has("data")) {
          return wrong_usage(tr("--data {} and {} are both data; leave out one of them",
                                explore_.data.source, source_));
        }
        explore_.data.source = source_;
        return {};
      case SourceKind::results:
      case SourceKind::experiment:
        explore_.lab_path = source_;
        return {};
      case SourceKind::model:
        if (const auto option = first_given({"kind", "latent"}); !option.empty()) {
          return wrong_usage(
              tr("{} makes a new model, and {} is a saved one; leave out one of them", option,
                 source_));
        }
        explore_.model_path = source_;
        return {};
    }
    return {};
  }

  // Where the data of a session lie now.
  Outcome<void> take_session_data() {
    if (const auto is_data = check_is_data(explore_.data.source); !is_data) {
      return failed(is_data.error().message);
    }
    const Expected<SourceKind> kind = source_kind(explore_.data.source);
    if (!kind) return failed(tr("--data: {}", kind.error().message));
    explore_.session_data = explore_.data.source;
    return {};
  }

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
    return tr("a size from 320x240 to 16384x16384, as in 1600x1000");
  }

  ExploreOptions explore_;
  ForeignModelOptions foreign_;
  std::string source_;
  std::string codes_, images_;
};

}  // namespace

const MakeCommand make_explore = make<ExploreCommand>;

}  // namespace zscape
