namespace DocIngest.Pipeline.Disposition;

/// <summary>Draws up what each repository has of what was destroyed, from what was found now and what the certificate before said.</summary>
internal static class RepositoryAccounts
{
    /// <summary>Draws it up. A repository that never held any of it, and was clear, is not listed.</summary>
    /// <param name="found">What was found now.</param>
    /// <param name="before">Of the certificate before; empty for the first.</param>
    /// <param name="prunes">Since it was destroyed.</param>
    /// <param name="declared">What people said is gone.</param>
    public static IReadOnlyList<RepositoryAccount> Of(
        FoundCopies found, IReadOnlyList<RepositoryAccount> before, IReadOnlyList<EndedPrune> prunes, IReadOnlyList<DeclaredGone> declared)
    {
        var asked = found.Asked.Select(repository => Account(repository, before.FirstOrDefault(one => one.Is(repository.Name, repository.Id)), found, prunes)).OfType<RepositoryAccount>();
        var notAsked = before.Where(one => !found.Asked.Any(repository => one.Is(repository.Name, repository.Id))).Select(one => NotAsked(one, declared));
        return [.. asked.Concat(notAsked).OrderBy(one => one.Repository, StringComparer.Ordinal)];
    }

    /// <summary>What a certificate said of repositories; of one that was made before it named them, what its snapshots say.</summary>
    public static IReadOnlyList<RepositoryAccount> Before(DestructionCertificate certificate)
    {
        if (certificate.Repositories.Count > 0)
        {
            return certificate.Repositories;
        }

        List<RepositoryAccount> held =
        [
            .. certificate.Backups.GroupBy(one => one.Repository, StringComparer.Ordinal).Select(group => new RepositoryAccount(
                group.Key, RepositoryId: null, RepositoryState.NotPruned, [.. group.Select(one => new HeldSnapshot(one.Snapshot, one.Time, IsThere: true))], PrunedAt: null)),
        ];
        var unclear = certificate.BackupsUnclear.Select(words => words.Split(": ")[0]).Distinct(StringComparer.Ordinal).Where(name => held.TrueForAll(one => one.Repository != name));
        return [.. held, .. unclear.Select(name => new RepositoryAccount(name, RepositoryId: null, RepositoryState.Unclear, [], PrunedAt: null))];
    }

    private static RepositoryAccount? Account(AskedRepository repository, RepositoryAccount? before, FoundCopies found, IReadOnlyList<EndedPrune> prunes)
    {
        var holding = found.Snapshots.Where(one => one.Repository == repository.Name).ToList();
        if (before is null && holding.Count == 0 && repository.IsClear)
        {
            return null;
        }

        List<HeldSnapshot> held =
        [
            .. holding.Select(one => new HeldSnapshot(one.Snapshot, one.Time, IsThere: true)),
            .. (before?.Held ?? []).Where(one => !holding.Exists(still => still.Snapshot == one.Snapshot)).Select(one => one with { IsThere = !repository.IsClear && one.IsThere }),
        ];
        var account = new RepositoryAccount(
            repository.Name, repository.Id ?? before?.RepositoryId, RepositoryState.NotPruned, [.. held.OrderBy(one => one.Time).ThenBy(one => one.Snapshot, StringComparer.Ordinal)], PrunedAt: null);
        return holding.Count > 0 ? account with { State = RepositoryState.Holds }
            : !repository.IsClear ? account with { State = RepositoryState.Unclear }
            : before is { State: RepositoryState.Pruned } ? account with { State = RepositoryState.Pruned, PrunedAt = before.PrunedAt }
            : prunes.FirstOrDefault(prune => LeftNothing(prune, account, repository, wasUnclear: before?.State is RepositoryState.Unclear or RepositoryState.NotAsked)) is { } prune
                ? account with { State = RepositoryState.Pruned, PrunedAt = prune.At }
            : account;
    }

    // It kept the packs of the snapshots that were there. Of one that is gone and was never looked through nobody knows what it held.
    private static bool LeftNothing(EndedPrune prune, RepositoryAccount account, AskedRepository repository, bool wasUnclear) =>
        prune.RepositoryId == account.RepositoryId && !account.Held.Any(held => prune.Snapshots.Contains(held.Snapshot))
        && (!wasUnclear || prune.Snapshots.IsSubsetOf(repository.Snapshots));

    private static RepositoryAccount NotAsked(RepositoryAccount before, IReadOnlyList<DeclaredGone> declared) =>
        before.State is RepositoryState.Pruned ? before
        : declared.FirstOrDefault(one => one.Repository == before.Repository) is { } said ? before with { State = RepositoryState.DeclaredGone, Declared = said }
        : before with { State = RepositoryState.NotAsked };
}
