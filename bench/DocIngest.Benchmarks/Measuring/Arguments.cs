using System.Globalization;

namespace DocIngest.Benchmarks.Measuring;

/// <summary>Options of a sub-command: <c>--name value</c>.</summary>
internal static class Arguments
{
    public static string Text(string[] args, string name, string otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;

    public static int Number(string[] args, string name, int otherwise) =>
        int.Parse(Text(args, name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
}
