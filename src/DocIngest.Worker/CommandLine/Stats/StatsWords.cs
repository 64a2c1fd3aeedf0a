using System.Text.Json;
using DocIngest.Pipeline.Statistics;

namespace DocIngest.Worker.CommandLine.Stats;

/// <summary>Names of dimensions, on the command line and in the document.</summary>
internal static class StatsWords
{
    public static string Of(StatsDimension dimension) => JsonNamingPolicy.CamelCase.ConvertName(dimension.ToString());

    public static StatsDimension Dimension(string word) => Enum.GetValues<StatsDimension>().Single(one => Of(one) == word);
}
