// Two models with one cursor: what links them, and which models are worth comparing.
#include "app/gui/view/latent/cursor_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "app/gui/view/latent/comparison.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ModelSpec spec_of(ModelKind kind, int latent = 2) {
  return reference_spec(kind, *fake_data(), latent);
}

TEST(LinkBetween, IsZWhereBothHaveThePriorInAsManyDimensions) {
  EXPECT_EQ(link_between(spec_of(ModelKind::vae), spec_of(ModelKind::cvae)), LinkBy::z);
  EXPECT_EQ(link_between(spec_of(ModelKind::vae), spec_of(ModelKind::vae)), LinkBy::z);
  EXPECT_EQ(link_between(spec_of(ModelKind::vae), spec_of(ModelKind::vae, 3)), LinkBy::input);
  for (const ModelKind kind : {ModelKind::ae, ModelKind::dae, ModelKind::mae, ModelKind::pca}) {
    EXPECT_EQ(link_between(spec_of(kind), spec_of(ModelKind::vae)), LinkBy::input);
    EXPECT_EQ(link_between(spec_of(kind), spec_of(kind)), LinkBy::input);
  }
}

// A model with codes of some training inputs; row i has the label i % 10.
struct Side {
  Side(ModelKind kind, const std::vector<std::int64_t>& rows, std::vector<float> mean,
       int latent = 2) {
    static std::uint64_t revision = 0;
    view.spec = spec_of(kind, latent);
    auto codes = std::make_shared<Codes>();
    codes->latent = latent;
    codes->indices = std::make_shared<const std::vector<std::int64_t>>(rows);
    codes->mean = std::move(mean);
    codes->revision = ++revision;
    view.train_sample = codes;
    scene.set_model(view.spec, data());
    points.update(view, data(), SplitName::train, scene.plane(), 1);
  }
  static std::shared_ptr<const Dataset> data() {
    static const auto shared = fake_data();
    return shared;
  }
  LinkSide side() const { return {view.spec, scene, points}; }

  ModelView view;
  Pictures pictures;
  Scene scene{pictures};
  Points points;
};

PointRef row(std::int64_t index) {
  return {SplitName::train, index};
}

TEST(LinkCursor, OneZForBothWhateverTheLabel) {
  Side vae(ModelKind::vae, {3}, {1, 1}), cvae(ModelKind::cvae, {3}, {-1, 2});
  cvae.scene.set_label(7);
  vae.scene.point_at(Vec2{0.5F, -1});
  const auto link = link_cursor(vae.side(), cvae.side(), row(3));
  ASSERT_TRUE(link);
  EXPECT_EQ(link->by, LinkBy::z);
  EXPECT_THAT(link->z, ElementsAre(0.5F, -1));
  EXPECT_EQ(link->label, 7);  // the vae has none to give
  EXPECT_FALSE(link->input);
  EXPECT_TRUE(link->pointing);

  cvae.scene.point_at(Vec2{2, 2});
  const auto back = link_cursor(cvae.side(), vae.side(), row(3));
  ASSERT_TRUE(back);
  EXPECT_THAT(back->z, ElementsAre(2, 2));
}

TEST(LinkCursor, OffThePlotThePinOnShowIsFollowed) {
  Side one(ModelKind::vae, {3}, {1, 1}), other(ModelKind::vae, {3}, {-1, 2});
  one.scene.add_pin({0.25F, 0.75F}, {}, 0);
  const auto link = link_cursor(one.side(), other.side(), {});
  ASSERT_TRUE(link);
  EXPECT_THAT(link->z, ElementsAre(0.25F, 0.75F));
  EXPECT_FALSE(link->pointing);
}

TEST(LinkCursor, ByInputItIsTheOthersCodeOfTheNearestInput) {
  Side vae(ModelKind::vae, {3, 14}, {1, 1, -1, 0}), ae(ModelKind::ae, {3, 14}, {9, 8, 5, -20});
  vae.scene.point_at(Vec2{-0.9F, 0});
  const auto link = link_cursor(vae.side(), ae.side(), row(14));
  ASSERT_TRUE(link);
  EXPECT_EQ(link->by, LinkBy::input);
  EXPECT_THAT(link->z, ElementsAre(5, -20));
  EXPECT_EQ(link->input, row(14));
  EXPECT_FALSE(link_cursor(vae.side(), ae.side(), row(99)));  // it has no code of that
  EXPECT_FALSE(link_cursor(vae.side(), ae.side(), {}));
}

TEST(LinkCursor, ByInputACvaeReadsTheInputsOwnLabel) {
  Side pca(ModelKind::pca, {14}, {1, 1}), cvae(ModelKind::cvae, {14}, {3, 4});
  cvae.scene.set_label(9);
  const auto link = link_cursor(pca.side(), cvae.side(), row(14));
  ASSERT_TRUE(link);
  EXPECT_EQ(link->label, 4);
}

TEST(LinkCursor, SpacesOfOtherSizesMeetInTheInput) {
  Side flat(ModelKind::vae, {2, 5}, {0, 0, 1, 1}),
      deep(ModelKind::vae, {2, 5}, {1, 2, 3, 4, 5, 6}, 3);
  const auto link = link_cursor(flat.side(), deep.side(), row(5));
  ASSERT_TRUE(link);
  EXPECT_THAT(link->z, ElementsAre(4, 5, 6));
}

TEST(NearestOfAll, LeavesOutInputsThatAnotherHasNoCodeOf) {
  const Side pca(ModelKind::pca, {1, 2, 3, 4}, {0, 0, 1, 0, 2, 0, 3, 0});
  const Side vae(ModelKind::vae, {2, 4}, {0, 0, 0, 0});
  const std::array both{&vae.points};
  EXPECT_EQ(nearest_of_all(pca.points, both, {0.1F, 0}, {}), 1U);  // row 2, not row 1
  EXPECT_EQ(nearest_of_all(pca.points, both, {2.2F, 0}, {}), 3U);
  HiddenLabels hidden;
  hidden.set(2);
  EXPECT_EQ(nearest_of_all(pca.points, both, {0.1F, 0}, hidden), 3U);
  const Side third(ModelKind::vae, {1, 4}, {0, 0, 0, 0});
  EXPECT_EQ(nearest_of_all(pca.points, std::array{&vae.points, &third.points}, {0, 0}, {}), 3U);
  const Side other(ModelKind::vae, {7}, {0, 0});
  EXPECT_FALSE(nearest_of_all(pca.points, std::array{&other.points}, {0, 0}, {}));
}

Comparison find(const std::vector<Comparison>& all, const std::string& id) {
  for (const Comparison& each : all) {
    if (each.id == id) return each;
  }
  ADD_FAILURE() << id;
  return all.front();
}

TEST(Comparisons, TakeTheFirstsTermWhereTheKindCan) {
  ModelView first;
  first.spec = spec_of(ModelKind::vae);
  first.spec.likelihood = Likelihood::gaussian;
  first.spec.learned_sigma = true;
  for (const KindTraits& kind : kinds()) {
    if (kind.kind == ModelKind::vae) continue;
    const Comparison one = find(comparisons(first, *fake_data()), std::string(kind.name));
    EXPECT_TRUE(one.why_not.empty()) << kind.name << one.why_not;
    EXPECT_EQ(share_term(first.spec, one.spec), !kind.only_mse) << kind.name;
    EXPECT_EQ(one.spec.learned_sigma, !kind.only_mse) << kind.name;
  }
  // An autoencoder in MSE: a VAE takes none, a DAE does, and so does another autoencoder.
  first.spec = spec_of(ModelKind::ae);
  EXPECT_FALSE(share_term(first.spec, find(comparisons(first, *fake_data()), "vae").spec));
  EXPECT_TRUE(share_term(first.spec, find(comparisons(first, *fake_data()), "dae").spec));
  EXPECT_EQ(find(comparisons(first, *fake_data()), "ae").spec, first.spec);
}

TEST(Comparisons, AreTheOtherKindsWithTheSameSizes) {
  ModelView first;
  first.spec = spec_of(ModelKind::vae, 3);
  first.spec.hidden = {64, 32};
  const auto all = comparisons(first, *fake_data());
  const Comparison& ae = find(all, "ae");
  EXPECT_EQ(ae.spec.kind, ModelKind::ae);
  EXPECT_EQ(ae.spec.latent, 3);
  EXPECT_THAT(ae.spec.hidden, ElementsAre(64, 32));
  EXPECT_EQ(ae.spec.likelihood, Likelihood::bernoulli);  // so that both are in nats
  EXPECT_EQ(ae.help.find("does not compare"), std::string::npos);
  EXPECT_EQ(find(all, "pca").spec.likelihood, Likelihood::mse);
  EXPECT_THAT(find(all, "pca").help, HasSubstr("VAE is in nats and PCA in MSE"));
  EXPECT_THAT(find(all, "mae").help, HasSubstr("MSE of hidden pixels"));
  EXPECT_FALSE(ae.kl_weight);
  EXPECT_TRUE(ae.why_not.empty());
  EXPECT_TRUE(find(all, "cvae").why_not.empty());
  EXPECT_TRUE(find(all, "pca").why_not.empty());
  EXPECT_EQ(find(all, "lambda_0").kl_weight, 0);
  EXPECT_EQ(find(all, "lambda_0").spec, first.spec);
  for (const KindTraits& kind : kinds()) {
    const auto of_kind = std::ranges::count(all, kind.name, &Comparison::id);
    EXPECT_EQ(of_kind, kind.kind == ModelKind::vae ? 0 : 1)
        << kind.name;  // that is "the same model"
  }
}

TEST(Comparisons, OfferEveryKindBesideEveryOther) {
  for (const KindTraits& of_first : kinds()) {
    ModelView first;
    first.spec = fitted(spec_of(of_first.kind), *fake_data());
    ASSERT_TRUE(validate(first.spec)) << of_first.name;
    const auto all = comparisons(first, *fake_data());
    for (const KindTraits& other : kinds()) {
      const bool is_same = other.kind == of_first.kind && other.has_prior;  // with a λ of its own
      const Comparison& one =
          is_same ? with_kl_weight(first, 4) : find(all, std::string(other.name));
      EXPECT_TRUE(one.why_not.empty()) << of_first.name << other.name << one.why_not;
    }
  }
}

TEST(Comparisons, SayWhyTheyCannotBe) {
  ModelView first;
  first.spec = spec_of(ModelKind::ae);
  auto all = comparisons(first, *fake_data());
  EXPECT_THAT(find(all, "lambda_0").why_not, HasSubstr("no prior"));
  EXPECT_TRUE(find(all, "vae").why_not.empty());

  Dataset unlabelled = *fake_data();
  unlabelled.class_names.clear();
  EXPECT_THAT(find(comparisons(first, unlabelled), "cvae").why_not, HasSubstr("labels"));

  first.spec = spec_of(ModelKind::vae);
  first.final_kl_weight = 0;
  EXPECT_FALSE(find(comparisons(first, *fake_data()), "lambda_0").why_not.empty());
}

TEST(Comparisons, MayBeginBothAnew) {
  ModelView first;
  first.spec = spec_of(ModelKind::vae);
  const auto alone = open_comparison(with_kl_weight(first, 20), ModelId{1}, false);
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_EQ(std::get<AddModel>(alone[0]).model, ModelId{1});
  EXPECT_EQ(std::get<AddModel>(alone[0]).kl_weight, 20);
  const auto both = open_comparison(with_kl_weight(first, 20), ModelId{1}, true);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(std::get<Reset>(both[0]).model, kFirstModel);  // first, so that both have its seed
}

}  // namespace
}  // namespace zscape
