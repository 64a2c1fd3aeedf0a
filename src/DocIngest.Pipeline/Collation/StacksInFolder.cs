using System.Data.Common;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Collation;

/// <summary>What stands beside a stack: stacks of the same profile, folder and pair. Those of another folder are another operator's, and never looked at.</summary>
internal static class StacksInFolder
{
    /// <summary>Archived stacks that lack their other side and came within the profile's time of this one.</summary>
    public static IReadOnlyList<AwaitedStack> Awaited(DbConnection connection, ScanInHand scan, DbTransaction? transaction = null)
    {
        if (scan is not { Stack: { } stack, Folder.DuplexRule: { } rule })
        {
            return [];
        }

        string folder = DropFolder.FolderOf(scan.Claim.SourcePath);
        return
        [
            .. StackTable.Awaited(connection, scan.Claim.Profile, stack.Pair, transaction).Where(awaited =>
                DropFolder.FolderOf(awaited.SourcePath) == folder && (scan.Claim.ClaimedAt - awaited.ClaimedAt).Duration() <= rule.Within),
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
    /// The stack that a scan belongs to, if there is no doubt: each is the only one that may be the other's other side. Where names do not tell pairs, fronts
    /// are scanned before their backs.
    /// </summary>
    /// <param name="scan">The scan.</param>
    /// <param name="awaited">See <see cref="Awaited"/>.</param>
    /// <param name="fault">Why it belongs to none, and none is waited for; null where the other side may still come.</param>
    public static AwaitedStack? Match(ScanInHand scan, IReadOnlyList<AwaitedStack> awaited, out string? fault)
    {
        fault = null;
        if (scan.Stack is not { } stack)
        {
            return null;
        }

        bool namesTell = stack.Pair.Length > 0;
        bool Fit((StackSide Side, long Written) one, (StackSide Side, long Written) other) =>
            one.Side != other.Side && (namesTell || (one.Side == StackSide.Fronts ? one.Written <= other.Written : other.Written <= one.Written));
        var own = (stack.Side, scan.Claim.Stamp.WriteTimeNanoseconds);
        var fitting = awaited.Where(other => Fit(own, (other.Side, other.WriteTimeNanoseconds))).ToList();
        if (fitting is not [var match])
        {
            fault = fitting.Count == 0 ? null : $"{fitting.Count} stacks of this folder may be it";
            return null;
        }

        bool isRivalled = awaited.Any(other => Fit((other.Side, other.WriteTimeNanoseconds), (match.Side, match.WriteTimeNanoseconds)));
        fault = isRivalled ? "another stack of this folder may belong to it, too" : null;
        return isRivalled ? null : match;
    }
}
