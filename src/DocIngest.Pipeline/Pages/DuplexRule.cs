using System.Text.RegularExpressions;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Pages;

/// <summary>Which side of its sheets a scan shows, and what it shares with the other side.</summary>
/// <param name="Side">The side.</param>
/// <param name="Pair">Equal for both; empty where names do not tell pairs.</param>
public sealed record StackName(StackSide Side, string Pair);

/// <summary>The duplex options of a profile, ready for use: tells stacks by their names.</summary>
public sealed class DuplexRule
{
    private const string PairGroup = "pair";

    // Real patterns take microseconds; a file name may be made to keep one busy.
    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(200);

    private readonly Regex _fronts;
    private readonly Regex _backs;

    /// <summary>Compiles the patterns.</summary>
    /// <exception cref="ArgumentException">One is no regular expression.</exception>
    public DuplexRule(DuplexOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _fronts = Compile(options.Fronts);
        _backs = Compile(options.Backs);
        BackOrder = options.BackOrder;
        Within = options.Within;
    }

    /// <summary>In which order backs come.</summary>
    public BackOrder BackOrder { get; }

    /// <summary>How far apart in time both stacks may arrive.</summary>
    public TimeSpan Within { get; }

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    public static Regex Compile(string pattern) => new(pattern, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, MatchLimit);

    /// <summary>Tells a stack.</summary>
    /// <param name="fileName">With its extension, fit for reading.</param>
    /// <returns>Null for a scan that is a document of its own: also where its name fits both patterns, or one of them took too long.</returns>
    public StackName? Find(string fileName)
    {
        string name = Path.GetFileNameWithoutExtension(fileName);
        try
        {
            return (_fronts.Match(name), _backs.Match(name)) switch
            {
                ({ Success: true } fronts, { Success: false }) => new StackName(StackSide.Fronts, PairOf(fronts)),
                ({ Success: false }, { Success: true } backs) => new StackName(StackSide.Backs, PairOf(backs)),
                _ => null,
            };
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    // Names that differ in case alone are one name to whoever gave them.
    private static string PairOf(Match match) => match.Groups[PairGroup].Value.ToUpperInvariant();
}
