using System.Text;

namespace DocIngest.Pipeline.Classification;

/// <summary>Reads numbers as people write them: <c>1,234.50</c>, <c>1.234,50</c>, <c>1 234,5</c>, <c>-3</c>.</summary>
internal static class NumberReader
{
    private const int MostDigits = 28;

    /// <summary>The first number of a text, with a point before its decimals and nothing else between digits; null where there is none.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="isCommaDecimal">Whether a lone comma, or else a lone point, before three digits divides off decimals.</param>
    public static (string Value, Span Span)? First(string text, bool isCommaDecimal)
    {
        int start = text.AsSpan().IndexOfAnyInRange('0', '9');
        if (start < 0)
        {
            return null;
        }

        int end = start;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || Divides(text, end)))
        {
            end++;
        }

        string written = text[start..end];
        int digits = written.Count(char.IsAsciiDigit);
        if (digits > MostDigits)
        {
            return null;
        }

        int point = DecimalPoint(written, isCommaDecimal);
        var value = new StringBuilder();
        bool isNegative = start > 0 && text[start - 1] is '-' or '\u2212' && (start == 1 || !char.IsLetterOrDigit(text[start - 2]));
        value.Append(isNegative ? "-" : "");
        for (int at = 0; at < written.Length; at++)
        {
            if (at == point)
            {
                value.Append('.');
            }
            else if (char.IsAsciiDigit(written[at]))
            {
                value.Append(written[at]);
            }
        }

        int from = isNegative ? start - 1 : start;
        return (value.ToString(), new Span(from, end - from));
    }

    // A single divider between digits; blanks only before three digits.
    private static bool Divides(string text, int at)
    {
        if (at + 1 >= text.Length || !char.IsAsciiDigit(text[at + 1]) || !char.IsAsciiDigit(text[at - 1]))
        {
            return false;
        }

        return text[at] is '.' or ',' or '\''
            || (text[at] is ' ' or '\u00A0' or '\u202F' && at + 3 < text.Length && text.AsSpan(at + 1, 3).IndexOfAnyExceptInRange('0', '9') < 0
                && (at + 4 >= text.Length || !char.IsAsciiDigit(text[at + 4])));
    }

    private static int DecimalPoint(string written, bool isCommaDecimal)
    {
        int last = written.LastIndexOfAny(['.', ',']);
        if (last < 0)
        {
            return -1;
        }

        char divider = written[last];
        if (written.IndexOf(divider) != last)
        {
            return -1;   // 1.234.567
        }

        bool hasOther = written.Contains(divider == '.' ? ',' : '.');
        bool couldBeThousands = written.Length - last - 1 == 3 && last <= 3 && !hasOther && written[0] != '0';
        return !couldBeThousands || divider == ',' == isCommaDecimal ? last : -1;
    }
}
