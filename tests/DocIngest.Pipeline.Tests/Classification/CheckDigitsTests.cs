using CsCheck;
using DocIngest.Pipeline.Classification;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class CheckDigitsTests
{
    public static TheoryData<CheckDigitRule> Rules => new(Enum.GetValues<CheckDigitRule>().Where(rule => rule != CheckDigitRule.None));

    [Theory]
    [InlineData(CheckDigitRule.Luhn, "79927398713")]
    [InlineData(CheckDigitRule.Gs1, "4006381333931")]
    [InlineData(CheckDigitRule.Mod11, "943 476 5919")]
    [InlineData(CheckDigitRule.Mod97, "3214282912345698765432161182")]
    [InlineData(CheckDigitRule.Verhoeff, "2363")]
    [InlineData(CheckDigitRule.Damm, "5724")]
    [InlineData(CheckDigitRule.None, "anything")]
    public void A_known_number_holds(CheckDigitRule rule, string number) => Assert.True(CheckDigits.Hold(rule, number));

    [Theory]
    [InlineData(CheckDigitRule.Luhn, "7992739871x")]
    [InlineData(CheckDigitRule.Mod11, "12345678901")]
    [InlineData(CheckDigitRule.Damm, "")]
    [InlineData(CheckDigitRule.Luhn, "0")]
    [InlineData(CheckDigitRule.Mod97, "ab_1")]
    public void What_can_have_no_such_digit_does_not_hold(CheckDigitRule rule, string number) => Assert.False(CheckDigits.Hold(rule, number));

    [Theory]
    [MemberData(nameof(Rules))]
    public void Any_one_digit_read_wrongly_is_noticed(CheckDigitRule rule) =>
        Gen.Select(Gen.Int[0, 9].Array[7], Gen.Int[0, 6], Gen.Int[1, 9]).Sample((digits, place, change) =>
        {
            if (Complete(rule, string.Concat(digits)) is not { } number)
            {
                return;   // this rule gives such a number no digit
            }

            char[] wrong = number.ToCharArray();
            wrong[place] = (char)('0' + ((wrong[place] - '0' + change) % 10));
            Assert.True(CheckDigits.Hold(rule, number));
            Assert.False(CheckDigits.Hold(rule, new string(wrong)));
        });

    [Theory]
    [MemberData(nameof(Rules))]
    public void At_most_one_digit_is_right(CheckDigitRule rule) => Gen.Int[0, 9].Array[6].Sample(digits =>
        Assert.InRange(Enumerable.Range(0, 10).Count(last => CheckDigits.Hold(rule, string.Concat(digits) + last)), 0, 1));

    private static string? Complete(CheckDigitRule rule, string digits) => rule == CheckDigitRule.Mod97
        ? Enumerable.Range(0, 100).Select(last => $"{digits}{last:00}").First(number => CheckDigits.Hold(rule, number))
        : Enumerable.Range(0, 10).Select(last => $"{digits}{last}").FirstOrDefault(number => CheckDigits.Hold(rule, number));
}
