using System.Text;
using DocIngest.Worker.Backups;

namespace DocIngest.Worker.Tests.Backups;

/// <summary>The small parts that make a password of what a person gave.</summary>
public sealed class PasswordTests
{
    [Fact]
    public void Marks_of_all_orders_and_white_space_around_are_cut_off()
    {
        byte[] password = "geheim ß"u8.ToArray();
        foreach (byte[] content in (byte[][])
        [
            password, [.. password, (byte)'\n'], [.. Encoding.UTF8.Preamble, .. password], [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("geheim ß\r\n")],
            [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes("\tgeheim ß")], [.. "\u00a0\u3000"u8, .. password, .. "\u2028"u8],
        ])
        {
            Assert.Equal(password, PasswordText.Of(content));
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_stay() => Assert.Equal([0xE9, 0xFE], PasswordText.Of([(byte)' ', 0xE9, 0xFE, (byte)'\n']));

    [Theory]
    [InlineData("pass show backup", "pass|show|backup")]
    [InlineData("  a   b\t", "a|b")]
    [InlineData("\"C:\\Program Files\\x.exe\" 'it is' a\"b c\"d", "C:\\Program Files\\x.exe|it is|ab cd")]
    [InlineData("a '' b", "a||b")]
    [InlineData("a 'b", null)]
    [InlineData("", null)]
    [InlineData("'' a", null)]
    public void A_command_line_is_split_without_a_shell(string line, string? words) =>
        Assert.Equal(words, CommandWords.Split(line) is { } split ? string.Join('|', split) : null);

    [Fact]
    public void Drawn_passwords_differ_are_known_again_and_survive_restics_trimming()
    {
        var drawn = Enumerable.Range(0, 100).Select(_ => GeneratedPassword.Draw()).ToList();
        Assert.Equal(100, drawn.Select(Encoding.ASCII.GetString).Distinct().Count());
        Assert.All(drawn, password => Assert.True(GeneratedPassword.IsOne(password)));
        Assert.All(drawn, password => Assert.Equal(password, PasswordText.Of(password)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("correct horse battery staple and some more words")]
    [InlineData("aawzc-xdxv8-atv9v-2uud4-ac2ji-nag3n-wi5ya-3hjr")]
    [InlineData("aawzc-xdxv8-atv9v-2uud4-ac2ji-nag3n-wi5ya-3hjrO")]
    [InlineData("aawzcaxdxv8-atv9v-2uud4-ac2ji-nag3n-wi5ya-3hjrf")]
    public void What_a_person_types_is_not_taken_for_drawn(string password) => Assert.False(GeneratedPassword.IsOne(Encoding.UTF8.GetBytes(password)));
}
