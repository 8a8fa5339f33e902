#include "engine/core/mailbox.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace zscape {
namespace {

constexpr ModelId kModel{0};

std::vector<std::string> names_in(Mailbox& mailbox) {
  std::vector<std::string> names;
  while (auto message = mailbox.take()) {
    const auto* command = std::get_if<Command>(&*message);
    names.push_back(command ? name_of(*command) : "delivery");
  }
  return names;
}

TEST(Mailbox, TheNewestOfWaitingSettingsWins) {
  Mailbox mailbox;
  mailbox.put(SetKlWeight{kModel, 1});
  mailbox.put(SetParameter{kModel, "learning_rate", "0.1"});
  mailbox.put(SetKlWeight{kModel, 2});
  const auto first = mailbox.take();
  ASSERT_TRUE(first);
  EXPECT_EQ(std::get<SetParameter>(std::get<Command>(*first)).text, "0.1");
  const auto second = mailbox.take();
  ASSERT_TRUE(second);
  EXPECT_EQ(std::get<SetKlWeight>(std::get<Command>(*second)).kl_weight, 2);
  EXPECT_FALSE(mailbox.take());
}

TEST(Mailbox, SchedulesCoalesceAndStayBehindTheWeightThatWouldEndThem) {
  Mailbox mailbox;
  mailbox.put(SetKlSchedule{kModel, {KlSchedule::Kind::warm_up, 100, 0}});
  mailbox.put(SetKlSchedule{kModel, {KlSchedule::Kind::warm_up, 200, 0}});
  EXPECT_EQ(names_in(mailbox), std::vector<std::string>{"set_kl_schedule"});
  mailbox.put(SetKlSchedule{kModel, {KlSchedule::Kind::warm_up, 100, 0}});
  mailbox.put(SetKlWeight{kModel, 2});
  mailbox.put(SetKlSchedule{kModel, {KlSchedule::Kind::warm_up, 200, 0}});
  EXPECT_EQ(names_in(mailbox), (std::vector<std::string>{"set_kl_weight", "set_kl_schedule"}));
}

TEST(Mailbox, SettingsDoNotPassAnAnswer) {
  Mailbox mailbox;
  mailbox.put(SetHoldOut{kModel, {32, 2}});
  mailbox.deliver({{}, [] {}});  // of data, whose run begins with that
  mailbox.put(SetHoldOut{kModel, {64, 2}});
  EXPECT_EQ(names_in(mailbox),
            (std::vector<std::string>{"set_hold_out", "delivery", "set_hold_out"}));
}

TEST(Mailbox, ParametersStayApartByTheirKeys) {
  Mailbox mailbox;
  mailbox.put(SetParameter{kModel, "batch", "16"});
  mailbox.put(SetParameter{kModel, "seed", "1"});
  mailbox.put(SetParameter{kModel, "batch", "32"});
  std::vector<std::string> waiting;
  while (auto message = mailbox.take()) {
    const auto& parameter = std::get<SetParameter>(std::get<Command>(*message));
    waiting.push_back(parameter.key + " " + parameter.text);
  }
  EXPECT_EQ(waiting, (std::vector<std::string>{"seed 1", "batch 32"}));
}

TEST(Mailbox, SettingsOfTwoModelsStayApart) {
  Mailbox mailbox;
  mailbox.put(SetKlWeight{ModelId{0}, 1});
  mailbox.put(SetKlWeight{ModelId{1}, 2});
  EXPECT_EQ(names_in(mailbox).size(), 2U);
}

TEST(Mailbox, SettingsDoNotPassAReset) {
  Mailbox mailbox;
  mailbox.put(SetParameter{kModel, "seed", "1"});
  mailbox.put(Reset{kModel});
  mailbox.put(SetParameter{kModel, "seed", "2"});
  EXPECT_EQ(names_in(mailbox),
            (std::vector<std::string>{"set_parameter", "reset", "set_parameter"}));
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
