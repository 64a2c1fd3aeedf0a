using System.Data.Common;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Collation;

/// <summary>What stands beside a stack: stacks of the same profile, folder and pair. Those of another folder are another operator's, and never looked at.</summary>
internal static class StacksInFolder
{
    private const int MostNamed = 4;

    /// <summary>Archived stacks that lack their other side and were written, and came, within the profile's time of this one.</summary>
    public static IReadOnlyList<LoneStack> Lone(DbConnection connection, ScanInHand scan, DbTransaction? transaction = null)
    {
        if (scan is not { Stack: { } stack, Folder.DuplexRule: { } rule })
        {
            return [];
        }

        string folder = DropFolder.FolderOf(scan.Claim.SourcePath);
        return
        [
            .. StackTable.Lone(connection, scan.Claim.Profile, stack.Pair, transaction).Where(lone =>
                DropFolder.FolderOf(lone.SourcePath) == folder
                && (scan.Claim.ClaimedAt - lone.ClaimedAt).Duration() <= rule.Within
                && Math.Abs(scan.Claim.Stamp.WriteTimeNanoseconds - lone.WriteTimeNanoseconds) / TimeSpan.NanosecondsPerTick <= rule.Within.Ticks),
        ];
    }

    /// <summary>Whether an older stack is not filed yet: which belong together is told in the order in which they came.</summary>
    public static bool HasOlder(DbTransaction transaction, ScanInHand scan)
    {
        string folder = DropFolder.FolderOf(scan.Claim.SourcePath);
        return scan is { Stack: { } stack, Folder.DuplexRule: { } rule }
            && ScanTable.OpenBefore(transaction, scan.Claim).Any(source =>
                DropFolder.FolderOf(source) == folder && rule.Find(RawName.ToDisplay(DropFolder.NameOf(source)))?.Pair == stack.Pair);
    }

    /// <summary>
    /// The stack that a scan belongs to, if there is no doubt: the only one there is. Where names do not tell pairs, fronts are scanned before their backs; else a
    /// stack that was forgotten, or an operator who scans backs first, would shift every pair by one.
    /// </summary>
    /// <param name="scan">The scan.</param>
    /// <param name="lone">See <see cref="Lone"/>.</param>
    /// <param name="doubt">What is in doubt; null where there is none.</param>
    /// <returns>Null where no other side is there, or it is in doubt which it is.</returns>
    public static LoneStack? Match(ScanInHand scan, IReadOnlyList<LoneStack> lone, out string? doubt)
    {
        doubt = null;
        if (scan.Stack is not { } stack || lone.All(other => other.Side == stack.Side))
        {
            return null;
        }

        if (lone is not [var match])
        {
            doubt = $"{lone.Count} other stacks of this folder are alone ({string.Join(", ", lone.Take(MostNamed).Select(other => other.RecordId))}{(lone.Count > MostNamed ? " …" : "")})";
        }
        else if (!match.IsAwaited)
        {
            doubt = $"the {match.Side.ToWord()} in this folder are in doubt themselves (record {match.RecordId})";
        }
        else if (stack.Pair.Length == 0 && !IsInOrder(scan, stack.Side, match))
        {
            doubt = "the backs were scanned before the fronts";
        }
        else
        {
            return match;
        }

        return null;
    }

    private static bool IsInOrder(ScanInHand scan, StackSide side, LoneStack other) => side == StackSide.Fronts
        ? scan.Claim.Stamp.WriteTimeNanoseconds <= other.WriteTimeNanoseconds
        : other.WriteTimeNanoseconds <= scan.Claim.Stamp.WriteTimeNanoseconds;
}
