using System.CommandLine.Parsing;

namespace DocIngest.Worker.CommandLine;

/// <summary>Values of options that are more than a word.</summary>
internal static class TypedValue
{
    /// <summary>The value of an option's word; an error of the command line where it has none.</summary>
    /// <param name="result">What was typed.</param>
    /// <param name="parse">Null for what is no such value.</param>
    /// <param name="wanted">What would be one, as in "is not …".</param>
    public static T? Parse<T>(ArgumentResult result, Func<string, T?> parse, string wanted)
        where T : struct
    {
        string text = result.Tokens[^1].Value;
        var value = parse(text);
        if (value is null)
        {
            result.AddError($"\"{text}\" is not {wanted}.");
        }

        return value;
    }
}
