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
    /// The stack that a scan belongs to, if there is no doubt: the only one that lacks its other side, and that side is the scan's. Where names do not tell
    /// pairs, fronts come first.
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

        bool isFirst = !awaited.Any(other => other.Side != stack.Side);
        bool namesTell = stack.Pair.Length > 0;
        fault = isFirst
            ? stack.Side == StackSide.Backs && !namesTell ? "no fronts came before it" : null
            : awaited.Count > 1 ? $"{awaited.Count} stacks of this folder wait for their other side"
            : stack.Side == StackSide.Fronts && !namesTell ? "the backs came before it"
            : null;
        return isFirst || fault is not null ? null : awaited[0];
    }
}
