// Codes that something else made, shown in place of a model's.
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/core/engine_impl.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Whether the codes are the data themselves, as in codes that are explored without inputs.
bool are_loaded(const std::string& path, const Dataset& data) {
  // The source of data is a whole path, with a key behind it where one was named.
  for (std::size_t end = path.size(); end != std::string::npos && end > 0;
       end = path.rfind(':', end - 1)) {
    std::error_code error;
    const auto whole = std::filesystem::canonical(path.substr(0, end), error);
    if (!error) return whole.string() + path.substr(end) == data.source;
  }
  return false;
}

}  // namespace

// Waits for data, since the codes may be those.
void Engine::Impl::open_codes(const OpenModel& command, const OpenRunPtr& open) {
  if (!data_) {
    open->waiting_codes = command;
    return;
  }
  submit(
      open,
      {.key = "open",
       .text = tr("opening {}", command.path),
       .if_cancelled = tr("opening {} was cancelled", command.path)},
      [this, command, data = data_](const Progress& progress) {
        return read_codes(command, data, progress);
      },
      [this, path = command.path](const OpenRunPtr& owner, const Expected<CodeRows>& codes) {
        if (codes) {
          accept_codes(owner, *codes, path);
        } else if (codes.error().code != ErrorCode::superseded) {
          refuse_codes(owner, codes.error().message);
        }
      });
}

Expected<Engine::Impl::CodeRows> Engine::Impl::read_codes(
    const OpenModel& command, const std::shared_ptr<const Dataset>& data,
    const Progress& progress) {
  CodeRows codes;
  codes.rows = data;
  if (!are_loaded(command.path, *data)) {
    auto rows = backend_->load_data({.source = command.path}, progress);
    if (!rows) return tl::unexpected(rows.error());
    codes.rows = *std::move(rows);
  }
  if (command.said.decoder_file.empty()) return codes;
  SaidOfModel said = command.said;
  said.decoder_file.clear();
  auto decoder = backend_->open_model(command.said.decoder_file, said);
  if (!decoder) return tl::unexpected(decoder.error());
  codes.decoder = std::move(decoder->model);
  return codes;
}

// The data are there all the same.
void Engine::Impl::refuse_codes(const OpenRunPtr& open, const std::string& why) {
  tell(why, true, about("opening", open->run.id()));
  if (open->run.state() == RunState::loading && !open->run.shows_given_codes()) {
    begin_with_data(open);
  }
}

void Engine::Impl::accept_codes(const OpenRunPtr& open, const CodeRows& codes,
                                const std::string& path) {
  const auto given = given_codes(codes.rows, data_, path);
  if (!given) return refuse_codes(open, given.error().message);
  if (codes.decoder) {
    if (const auto fits = check_decoder(codes.decoder->spec(), *given, *data_); !fits) {
      return refuse_codes(open, fits.error().message);
    }
  }
  leave_run(*open);
  const std::uint64_t came_from = open->run.view().returned_to;
  store(put_away(*open, PutAway::opened_model), came_from);
  open->run.show_codes(data_, *given, codes.decoder);
  settle(about("opening", open->run.id()));
  if (data_->train.labels.empty() && !codes.rows->train.labels.empty()) {
    tell(tr("{} holds labels too; --labels {} gives them to the inputs", path, path), false);
  }
}

}  // namespace zscape
