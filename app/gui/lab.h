#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/gui/lab_memory.h"
#include "app/gui/lab_process.h"
#include "app/gui/lab_reader.h"
#include "app/gui/lab_scatters.h"
#include "app/gui/panels/frame/notices_panel.h"
#include "app/gui/panels/lab/lab_panel.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// The place Lab: its questions, results folders, predictions, and the one lab that runs. Reads,
// runs and encodes elsewhere: its own threads and processes. Lives on the window's thread.
class Lab {
 public:
  struct Options {
    std::string
        state;  // the folder for predictions and results; empty: keeps nothing, runs nothing
    std::shared_ptr<Backend> backend;
    std::function<void()> wake;  // from any thread
  };
  struct Event {  // for the log
    std::string name, text;
    std::int64_t number = 0;
  };
  // What the window does next.
  struct Requests {
    std::vector<Command> commands;
    std::vector<WindowNotice> notices;
    std::vector<std::string> settled;  // WindowNotice::about
    bool open_results = false;         // asks for a folder
    std::vector<Event> events = {};
  };

  explicit Lab(Options options);

  // Puts a results folder, or a file that describes an experiment, on the shelf and opens it.
  void open(const std::string& path);

  // Once a frame, whether the place is on the screen or not. Keeps nothing in mind before the place
  // is seen first, or a folder is opened.
  Requests follow(bool is_shown, double now_s);

  // The panel. In a frame, after follow().
  Requests draw(const Snapshot& snapshot, const PanelFrame& frame);

  double due_s() const { return due_s_; }  // when a frame is wanted; 0: none
  bool is_running() const { return process_.is_running(); }

 private:
  struct Item {
    std::string id;
    std::string path;  // of a folder or file that a person has opened; empty: it came along
    bool is_folder = false;
    std::optional<Experiment> whole;  // without options; nothing: a folder's, until it is read
    LabSetup setup;
    std::string folder;  // of results
    LabTablePtr table;   // null: not read yet
    LabCard card;
  };

  void begin();  // the shelf, once
  void add(Item item);
  Item* find(const std::string& id);
  Item* running_item() { return find(running_); }
  void set_up(Item& item);
  void take_news(Requests& requests);
  void take_end(Requests& requests);
  void forget(const std::string& id);
  void renew_card(Item& item);
  void renew_page();
  LabGuess guess_of(const Item& item) const;
  void start(Item& item, double now_s);
  LabProgress progress_of(const Item& item, double now_s) const;
  LabShown shown(const Snapshot& snapshot, double now_s);
  void carry_out(const LabRequests& asked, const Snapshot& snapshot, double now_s,
                 Requests& requests);
  void open_run(const Item& item, std::size_t run, bool beside, const Snapshot& snapshot,
                Requests& requests);
  void want_scatters(const std::vector<std::size_t>& runs, const Snapshot& snapshot);
  void keep();

  Options options_;
  LabMemory memory_;
  bool has_begun_ = false;
  std::vector<Item> items_;  // those that a person has opened come first
  std::string page_id_;      // empty: the shelf
  std::optional<LabPage> page_;
  std::vector<LabCard> cards_;                 // of items_
  std::map<std::string, LabTablePtr> tables_;  // of folders, as they were read last
  std::vector<WindowNotice> waiting_;
  LabPanelState panel_;

  std::string running_;  // Item::id
  double began_s_ = 0;
  std::size_t ended_then_ = 0;       // runs that were there when it was started
  std::string failed_id_, failure_;  // why the last lab of this item ended
  double due_s_ = 0;
  std::vector<std::size_t> scattered_;  // what was asked for last
  LabTablePtr scattered_of_;

  LabReader reader_;
  LabScatters scatters_;
  LabProcess process_;  // the last: it ends first
};

}  // namespace zscape
