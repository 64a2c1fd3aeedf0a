using System.Text;

namespace DocIngest.Worker.Backups;

/// <summary>Splits a command line into program and arguments. No shell takes part: nothing is expanded.</summary>
internal static class CommandWords
{
    /// <summary>Words between white space; quotes of either kind hold a word together. A backslash is a letter like others, as paths of Windows need it.</summary>
    /// <returns>Null where a quote is not closed, or there is no word at all.</returns>
    public static string[]? Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool isInWord = false;
        char? quote = null;
        foreach (char letter in line)
        {
            if (letter == quote)
            {
                quote = null;
            }
            else if (quote is null && letter is '"' or '\'')
            {
                (quote, isInWord) = (letter, true);
            }
            else if (quote is null && char.IsWhiteSpace(letter))
            {
                End();
            }
            else
            {
                word.Append(letter);
                isInWord = true;
            }
        }

        End();
        return quote is null && words.Count > 0 && words[0].Length > 0 ? [.. words] : null;

        void End()
        {
            if (isInWord)
            {
                words.Add(word.ToString());
            }

            word.Clear();
            isInWord = false;
        }
    }
}
