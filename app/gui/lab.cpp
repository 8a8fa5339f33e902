#include "app/gui/lab.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>

#include "app/files/source_kind.h"
#include "app/gui/text_file.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAbout = "lab";

std::string memory_file(const std::string& state) {
  return (fs::path(state) / "lab.json").string();
}

std::string absolute(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

// A source as the child process, and another folder's window, understand it.
std::string whole_source(const std::string& data) {
  return names_data(data) ? data : absolute(data);
}

// A name for files: what may not stand in one is left out, and a number tells paths apart.
std::string file_name_of(const std::string& source) {
  if (names_data(source)) return source;
  return fmt::format("{}-{:08x}", fs::path(source).stem().string(),
                     static_cast<std::uint32_t>(std::hash<std::string>()(source)));
}

const ModelView* model_of(const Snapshot& snapshot, const std::string& path) {
  const auto found = std::ranges::find_if(
      snapshot.models, [&path](const ModelView& model) { return model.saved.path == path; });
  return found == snapshot.models.end() ? nullptr : &*found;
}

}  // namespace

Lab::Lab(Options options)
    : options_(std::move(options)),
      reader_(options_.wake),
      scatters_(options_.backend, options_.wake),
      process_(options_.wake) {}

void Lab::begin() {
  if (std::exchange(has_begun_, true)) return;
  if (!options_.state.empty()) {
    if (auto read = read_lab_memory(memory_file(options_.state))) {
      memory_ = std::move(*read);
    } else {
      waiting_.push_back({read.error().message, true, kAbout});
    }
  }
  for (const BuiltInExperiment& each : built_in_experiments()) {
    auto experiment = experiment_from(each.json, each.name);
    if (!experiment) {
      waiting_.push_back({experiment.error().message, true, kAbout});
      continue;
    }
    Item item;
    item.id = experiment->name;
    item.whole = std::move(*experiment);
    set_up(item);
    items_.push_back(std::move(item));
  }
  const std::vector<std::string> opened = memory_.opened;
  for (auto path = opened.rbegin(); path != opened.rend(); ++path) {
    std::error_code error;
    if (fs::exists(*path, error)) open(*path);
  }
  page_id_.clear();
  page_.reset();
}

Lab::Item* Lab::find(const std::string& id) {
  const auto found = std::ranges::find(items_, id, &Item::id);
  return found == items_.end() ? nullptr : &*found;
}

void Lab::add(Item item) {
  std::erase_if(items_, [&item](const Item& other) { return other.id == item.id; });
  items_.insert(items_.begin(), std::move(item));
}

void Lab::open(const std::string& given) {
  begin();
  const std::string path = absolute(given);
  Item item;
  item.id = item.path = path;
  std::error_code error;
  item.is_folder = fs::is_directory(path, error);
  if (item.is_folder) {
    item.folder = path;
    renew_card(item);
  } else {
    const auto text = read_text(path);
    auto experiment =
        text.and_then([&](const std::string& json) { return experiment_from(json, path); });
    if (!experiment) {
      waiting_.push_back({experiment.error().message, true, kAbout});
      return;
    }
    item.whole = std::move(*experiment);
    set_up(item);
  }
  std::erase(memory_.opened, path);
  memory_.opened.insert(memory_.opened.begin(), path);
  if (memory_.opened.size() > kMostOpened) memory_.opened.resize(kMostOpened);
  if (running_ != path || find(path) == nullptr) add(std::move(item));
  keep();
  page_id_ = path;
  renew_page();
}

LabGuess Lab::guess_of(const Item& item) const {
  const std::string name = item.table   ? item.table->experiment.name
                           : item.whole ? item.whole->name
                                        : std::string();
  const auto found = memory_.guesses.find(name);
  return found == memory_.guesses.end() ? LabGuess{} : found->second;
}

// The experiment with its options, and the folder of its results.
void Lab::set_up(Item& item) {
  if (item.is_folder) return;
  const Experiment& whole = *item.whole;
  const auto known = memory_.setups.find(whole.name);
  item.setup =
      known != memory_.setups.end() ? known->second : LabSetup{whole.data, whole.has_quick, 0};
  item.setup.quick = item.setup.quick && whole.has_quick;
  LabOptions options;
  options.data = whole_source(item.setup.data);
  options.quick = item.setup.quick;
  const auto with = with_options(whole, options);
  if (!with) waiting_.push_back({with.error().message, true, kAbout});
  std::string name = item.path.empty() ? whole.name : file_name_of(item.path);
  if (item.setup.data != whole.data) name += "-" + file_name_of(*options.data);
  if (item.setup.quick) name += "-quick";
  item.folder =
      options_.state.empty() ? std::string() : (fs::path(options_.state) / "lab" / name).string();
  const auto read = tables_.find(item.folder);
  item.table = read != tables_.end() ? read->second : empty_table(with ? *with : whole);
  renew_card(item);
}

void Lab::renew_card(Item& item) {
  LabCard& card = item.card;
  card = {};
  card.id = item.id;
  card.is_opened = !item.path.empty();
  card.name = item.path.empty() ? item.id : fs::path(item.path).filename().string();
  card.question = card.name;
  card.reads = item.table == nullptr;
  if (running_ == item.id) {
    card.activity = process_.is_stopping() ? LabActivity::stopping : LabActivity::running;
  }
  if (!item.table) return;
  const Experiment& experiment = item.table->experiment;
  if (!experiment.question.empty()) card.question = experiment.question;
  card.runs = item.table->runs.size();
  card.finished = item.table->finished();
  card.failed = item.table->failed();
  card.may_tell = !experiment.prediction || guess_of(item).kept;
  if (!card.may_tell || card.finished < card.runs) return;
  for (const ClaimVerdict& each : judge_claims(*item.table)) {
    const Finding finding = each.judgement.finding;
    ++(finding == Finding::confirmed ? card.confirmed
       : finding == Finding::refuted ? card.refuted
                                     : card.undecided);
  }
}

void Lab::renew_page() {
  const Item* item = find(page_id_);
  page_.reset();
  if (item == nullptr || !item->table) return;
  page_ = page_of(item->id, item->table, guess_of(*item));
  page_->is_opened = item->is_folder;
}

void Lab::take_news(Requests& requests) {
  std::string broken;
  for (LabReader::News& news : reader_.take()) {
    for (Item& item : items_) {
      if (item.folder != news.folder) continue;
      if (!news.table) {
        // A lab that has just begun writes its files one after the other.
        if (running_ == item.id) continue;
        requests.notices.push_back({news.table.error().message, true, kAbout});
        if (!item.table) broken = item.id;  // a folder that is none
        continue;
      }
      tables_[item.folder] = item.table = *news.table;
      requests.events.push_back(
          {"lab_results", item.folder, static_cast<std::int64_t>(item.table->results.size())});
      renew_card(item);
      if (item.id == page_id_) renew_page();
    }
  }
  if (!broken.empty()) forget(broken);
}

void Lab::forget(const std::string& id) {
  std::erase(memory_.opened, id);
  std::erase_if(items_, [&id](const Item& each) { return each.id == id; });
  if (page_id_ == id) page_id_.clear();
  renew_page();
  keep();
}

void Lab::take_end(Requests& requests) {
  const auto end = process_.take_end();
  if (!end) return;
  Item* item = running_item();
  failed_id_ = std::exchange(running_, {});
  failure_ = end->error;
  if (item == nullptr) return;
  renew_card(*item);
  requests.events.push_back({"lab_ended", end->error, end->was_stopped ? 1 : 0});
  if (!end->error.empty()) {
    requests.notices.push_back(
        {tr("The lab “{}” ended: {}", item->card.question, end->error), true, kAbout});
  } else if (!end->was_stopped) {
    requests.settled.emplace_back(kAbout);
    requests.notices.push_back({tr("The lab “{}” is done.", item->card.question), false, kAbout});
  }
}

Lab::Requests Lab::follow(bool is_shown, double now_s) {
  Requests requests;
  due_s_ = 0;
  if (is_shown) begin();
  if (!has_begun_) return requests;
  requests.notices = std::exchange(waiting_, {});
  std::set<std::string> folders;
  for (const Item& item : items_) {
    const bool is_wanted = is_shown || item.id == running_;
    if (is_wanted && !item.folder.empty()) folders.insert(item.folder);
  }
  reader_.follow(folders, process_.is_running());
  take_news(requests);
  take_end(requests);
  if (is_shown && process_.is_running()) due_s_ = now_s + 1;  // the time left
  return requests;
}

LabProgress Lab::progress_of(const Item& item, double now_s) const {
  LabProgress progress;
  progress.runs = item.card.runs;
  progress.finished = item.card.finished;
  progress.failed = item.card.failed;
  progress.activity = item.card.activity;
  if (item.id == failed_id_) progress.error = failure_;
  if (progress.activity == LabActivity::running) {
    const std::size_t ended = progress.finished + progress.failed;
    progress.seconds_left =
        seconds_left(ended - std::min(ended, ended_then_),
                     progress.runs - std::min(ended, progress.runs), now_s - began_s_);
  } else if (process_.is_running()) {
    progress.why_not = tr("Another lab is running.");
  } else if (options_.state.empty()) {
    progress.why_not = tr("A window that plays a script runs no lab.");
  }
  return progress;
}

void Lab::start(Item& item, double now_s) {
  std::vector<std::string> words = {"lab", "run"};
  if (item.is_folder) {
    words.push_back(experiment_file(item.folder));
  } else {
    words.push_back(item.path.empty() ? item.whole->name : item.path);
    words.insert(words.end(), {"--data", whole_source(item.setup.data)});
    if (item.setup.quick) words.emplace_back("--quick");
  }
  if (item.setup.jobs > 0) words.insert(words.end(), {"--jobs", std::to_string(item.setup.jobs)});
  words.insert(words.end(), {"--out", item.folder});
  std::error_code ignored;  // the command says what is wrong
  fs::create_directories(fs::path(item.folder).parent_path(), ignored);
  failed_id_ = item.id;
  failure_.clear();
  if (const auto started = process_.start({}, std::move(words)); !started) {
    failure_ = started.error().message;
    return;
  }
  running_ = item.id;
  began_s_ = now_s;
  // What failed before is tried again.
  ended_then_ = item.card.finished;
  renew_card(item);
}

LabShown Lab::shown(const Snapshot& snapshot, double now_s) {
  cards_.clear();
  for (const Item& item : items_) cards_.push_back(item.card);
  LabShown shown;
  shown.cards = cards_;
  const Item* item = find(page_id_);
  if (!page_ || item == nullptr) return shown;
  shown.page = &*page_;
  shown.setup = item->setup;
  shown.has_quick = item->whole && item->whole->has_quick;
  shown.progress = progress_of(*item, now_s);
  shown.can_forget = !item->path.empty() && running_ != item->id;
  const LabTable& table = *page_->table;
  for (std::size_t i = 0; i < table.runs.size(); ++i) {
    const ModelView* model = model_of(snapshot, model_file(item->folder, table.runs[i].key));
    if (model == nullptr) continue;
    (model->id == kFirstModel ? shown.in_explorer : shown.beside) = i;
  }
  shown.scatter = [this, folder = item->folder](std::size_t run) {
    return scatters_.find(model_file(folder, page_->table->runs[run].key));
  };
  return shown;
}

void Lab::open_run(const Item& item, std::size_t run, bool beside, const Snapshot& snapshot,
                   Requests& requests) {
  const LabTable& table = *item.table;
  const std::string path = model_file(item.folder, table.runs[run].key);
  std::error_code error;
  if (!fs::exists(path, error)) {
    requests.notices.push_back(
        {tr("{} is not there: the lab kept no models.", path), true, kAbout});
    return;
  }
  requests.settled.emplace_back(kAbout);
  const std::string data = whole_source(table.experiment.data);
  const bool has_data = snapshot.data && whole_source(snapshot.data->source) == data;
  if (!beside || !has_data) {
    if (!has_data) requests.commands.emplace_back(LoadData{kFirstModel, {data}});
    requests.commands.emplace_back(OpenModel{kFirstModel, path});
    return;
  }
  if (model_of(snapshot, path) != nullptr) return;
  // The one that was compared with makes room.
  if (snapshot.models.size() > 1) {
    requests.commands.emplace_back(RemoveModel{snapshot.models.back().id});
  }
  AddModel add;
  add.model = free_model_id(snapshot);
  add.path = path;
  requests.commands.emplace_back(std::move(add));
}

void Lab::want_scatters(const std::vector<std::size_t>& runs, const Snapshot& snapshot) {
  const Item* item = find(page_id_);
  if (!page_ || item == nullptr || runs.empty()) return;
  if (scattered_of_ == page_->table && scattered_ == runs) return;
  scattered_of_ = page_->table;
  scattered_ = runs;
  std::vector<std::string> models;
  for (const std::size_t run : runs) {
    models.push_back(model_file(item->folder, page_->table->runs[run].key));
  }
  const std::string data = whole_source(page_->table->experiment.data);
  const bool is_known = snapshot.data && whole_source(snapshot.data->source) == data;
  scatters_.want(std::move(models), data, is_known ? snapshot.data : nullptr);
}

// The file is small, and written when a person has clicked.
void Lab::keep() {
  if (options_.state.empty()) return;
  if (const auto written = write_lab_memory(memory_, memory_file(options_.state)); !written) {
    waiting_.push_back({written.error().message, true, kAbout});
  }
}

void Lab::carry_out(const LabRequests& asked, const Snapshot& snapshot, double now_s,
                    Requests& requests) {
  requests.open_results = asked.open_results;
  if (asked.open) {
    page_id_ = *asked.open;
    renew_page();
    requests.events.push_back({"lab_page", page_id_});
  }
  Item* item = find(page_id_);
  if (item == nullptr) return;
  if (asked.guess && item->table) {
    memory_.guesses[item->table->experiment.name] = *asked.guess;
    if (asked.keeps_guess) {
      keep();
      requests.events.push_back(
          {"lab_prediction", item->table->experiment.name, asked.guess->kept ? 1 : 0});
    }
    for (Item& each : items_) renew_card(each);
    renew_page();
  }
  if (asked.setup) {
    memory_.setups[item->whole->name] = *asked.setup;
    keep();
    set_up(*item);
    renew_page();
  }
  if (asked.run) {
    start(*item, now_s);
    requests.events.push_back({"lab_run", item->folder});
  }
  if (asked.stop) {
    process_.stop();
    renew_card(*item);
  }
  if (asked.open_run) open_run(*item, *asked.open_run, false, snapshot, requests);
  if (asked.beside_run) open_run(*item, *asked.beside_run, true, snapshot, requests);
  want_scatters(asked.scatters, snapshot);
  if (asked.forget) forget(std::string(page_id_));
  if (!asked.back) return;
  page_id_.clear();
  page_.reset();
}

Lab::Requests Lab::draw(const Snapshot& snapshot, const PanelFrame& frame) {
  Requests requests;
  const LabRequests asked = draw_lab_panel(shown(snapshot, frame.time_s), panel_, frame);
  carry_out(asked, snapshot, frame.time_s, requests);
  return requests;
}

}  // namespace zscape
