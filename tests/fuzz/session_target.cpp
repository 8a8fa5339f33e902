#include "app/gui/session.h"
#include "inputs.h"
#include "targets.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

// Reads a session beside a model called "m" and shows it in a window without pixels.
bool restore_session(FuzzBytes bytes) {
  static const FuzzFolder folder;
  static const auto data = fake_data(32, 16);
  static const std::string model = folder.put("m", {});
  const std::string path = folder.put("session.json", bytes);
  const auto session = read_session(path);
  if (!session) return false;

  const std::string text = session_text(*session, path);
  const FuzzBytes written(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const auto again = read_session(folder.put("again.json", written));
  demand(again && session_text(*again, path) == text, "a session that was read can be written");

  (void)loading_commands(*session, {});
  (void)restoring_commands(*session, {});
  Pictures pictures;
  Scene scene(pictures);
  LatentPanelState latent;
  Selection selection;
  scene.set_model(reference_spec(ModelKind::vae, *data, 2), data);
  selection.follow(data);
  latent.view.size = {600, 400};
  restore_view(*session, scene, latent, selection);
  scene.add_pin({0, 0}, {}, 0);
  return true;
}

}  // namespace

FuzzTarget session_target() {
  return {.name = "session", .run = restore_session};
}

}  // namespace zscape
