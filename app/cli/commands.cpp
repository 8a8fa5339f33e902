#include "app/cli/subcommand.h"
#include "engine/text.h"

namespace zscape {

std::span<const CommandRow> commands() {
  static const CommandRow kRows[] = {
      {"explore", tr("Opens the explorer."), make_explore},
      {"train", tr("Trains a model and saves it."), make_train},
      {"eval", tr("Measures a model on data."), make_eval},
      {"measure", tr("Measures what eval does not: samples, gradients, probes and more."),
       make_measure},
      {"encode", tr("Writes the latent codes of inputs."), make_encode},
      {"decode", tr("Decodes one latent code to a picture."), make_decode},
      {"sample", tr("Decodes draws from the prior."), make_sample},
      {"reconstruct", tr("Shows inputs above what the model makes of them."), make_reconstruct},
      {"manifold", tr("Decodes a grid of codes over two latent dimensions."), make_manifold},
      {"interpolate", tr("Decodes the path from one input to another."), make_interpolate},
      {"classify", tr("Trains a classifier on few labels and measures it."), make_classify},
      {"forecast", tr("Says which latent dimensions a KL weight leaves alive."), make_forecast},
      {"translate-loss", tr("Turns a loss of other code into a λ and an s."), make_translate_loss},
      {"lab", tr("Runs experiments and judges their claims."), make_lab},
      {"sweep", tr("Trains models with all combinations of some options."), make_sweep},
      {"lab-worker", "", make_lab_worker},
      {"synthesize", tr("Writes the embedded digits as IDX files."), make_synthesize},
      {"fetch", tr("Downloads a data set into the user's data folder."), make_fetch},
      {"info", tr("Describes a model, a data set or, without one, this machine."), make_info},
  };
  return kRows;
}

}  // namespace zscape
