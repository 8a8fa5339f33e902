#include "engine/core/mailbox.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace zscape {
namespace {

constexpr ModelId kModel{0};

std::vector<std::string> names_in(Mailbox& mailbox) {
  std::vector<std::string> names;
  while (auto letter = mailbox.take()) {
    const auto* command = std::get_if<Command>(&*letter);
    names.push_back(command ? name_of(*command) : "delivery");
  }
  return names;
}

TEST(Mailbox, TheNewestOfWaitingSettingsWins) {
  Mailbox mailbox;
  mailbox.put(SetKlWeight{kModel, 1});
  mailbox.put(SetLearningRate{kModel, 0.1});
  mailbox.put(SetKlWeight{kModel, 2});
  const auto first = mailbox.take();
  ASSERT_TRUE(first);
  EXPECT_EQ(std::get<SetKlWeight>(std::get<Command>(*first)).kl_weight, 2);
  EXPECT_EQ(names_in(mailbox), std::vector<std::string>{"set_learning_rate"});
}

TEST(Mailbox, SettingsOfTwoModelsStayApart) {
  Mailbox mailbox;
  mailbox.put(SetKlWeight{ModelId{0}, 1});
  mailbox.put(SetKlWeight{ModelId{1}, 2});
  EXPECT_EQ(names_in(mailbox).size(), 2U);
}

TEST(Mailbox, SettingsDoNotPassAReset) {
  Mailbox mailbox;
  mailbox.put(SetSeed{kModel, 1});
  mailbox.put(Reset{kModel});
  mailbox.put(SetSeed{kModel, 2});
  EXPECT_EQ(names_in(mailbox), (std::vector<std::string>{"set_seed", "reset", "set_seed"}));
}

TEST(Mailbox, StepSaveAndResetNeverCoalesce) {
  Mailbox mailbox;
  for (int i = 0; i < 2; ++i) {
    mailbox.put(Step{kModel});
    mailbox.put(SaveModel{kModel, "x"});
    mailbox.put(Reset{kModel});
  }
  EXPECT_EQ(names_in(mailbox).size(), 6U);
}

TEST(Mailbox, ANudgeEndsAWait) {
  Mailbox mailbox;
  mailbox.nudge();
  mailbox.wait();
  EXPECT_FALSE(mailbox.take());
}

}  // namespace
}  // namespace zscape
