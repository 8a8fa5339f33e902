#pragma once

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/latent_fields.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// The pull of the reconstruction at the codes of rows of a split (indices null: all), by autograd.
// With a prior it is −∂/∂μ and −∂/∂σ of E_ε[rec(μ + σ ⊙ ε)]: up to two dimensions by Gauss–Hermite
// quadrature with 7 and 5 × 5 nodes, above by 8 antithetic pairs of ε that depend on the row alone.
// Without a prior z = μ. Inputs as encode_rows() reads them. The caller sets step and revision.
Expected<Forces> measure_forces(const Autoencoder& model, const Dataset& data, SplitName split,
                                const Indices& indices, const Progress& progress);

}  // namespace zscape
