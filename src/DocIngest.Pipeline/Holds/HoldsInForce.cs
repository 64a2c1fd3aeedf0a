using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Holds;

/// <summary>The holds that hold, as they were read at one moment.</summary>
public sealed class HoldsInForce
{
    private readonly IReadOnlyList<(Hold Hold, HashSet<RecordId> Members)> _holds;

    internal HoldsInForce(IReadOnlyList<(Hold Hold, HashSet<RecordId> Members)> holds) => _holds = holds;

    /// <summary>Without any.</summary>
    public static HoldsInForce None { get; } = new([]);

    /// <summary>Whether there is any.</summary>
    public bool Any => _holds.Count > 0;

    /// <summary>Names of the fields that holds go by.</summary>
    public IReadOnlyList<string> Fields => [.. _holds.Select(one => (one.Hold.Scope as HoldScope.Field)?.Name).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>The holds that cover a record.</summary>
    /// <param name="id">The record.</param>
    /// <param name="recordClass">Its class.</param>
    /// <param name="fields">Its fields; those that no hold goes by may be left out.</param>
    public IReadOnlyList<Hold> Of(RecordId id, string recordClass, IEnumerable<KeyValuePair<string, string>> fields) =>
        [.. _holds.Where(one => Covers(one.Hold.Scope, one.Members, id, recordClass, fields)).Select(one => one.Hold)];

    /// <summary>The holds that cover a record as it is, or as it was in any version; and what belongs to the same scan.</summary>
    /// <param name="versions">All its versions.</param>
    public IReadOnlyList<Hold> Of(IReadOnlyList<RecordDocument> versions) =>
    [
        .. versions.SelectMany(version => Of(version.Id, version.RecordClass, version.SearchedFields())
            .Concat(OfFamily(version))).DistinctBy(hold => hold.Number),
    ];

    private IEnumerable<Hold> OfFamily(RecordDocument version) => _holds
        .Where(one => FamilyOf(version).Any(one.Members.Contains))
        .Select(one => one.Hold);

    /// <summary>
    /// The records that show the same sheets: the whole scan and its documents, what a person divided or moved to another patient and what took its place.
    /// What covers one of them covers all.
    /// </summary>
    internal static IEnumerable<RecordId> FamilyOf(RecordDocument version)
    {
        IEnumerable<RecordId?> one = [version.PartOf?.Batch, version.ReassignedTo, version.ReassignedFrom, version.SplitFrom?.Record];
        return one.OfType<RecordId>()
            .Concat(version.Batch?.Parts.Select(part => part.ScanId) ?? [])
            .Concat(version.SplitInto?.Select(part => part.Id) ?? []);
    }

    /// <summary>Whether a scope that goes by what records say covers one that says this.</summary>
    public static bool Covers(HoldScope scope, string recordClass, IEnumerable<KeyValuePair<string, string>> fields) => Covers(scope, [], default, recordClass, fields);

    private static bool Covers(HoldScope scope, HashSet<RecordId> members, RecordId id, string recordClass, IEnumerable<KeyValuePair<string, string>> fields) => scope switch
    {
        HoldScope.Records or HoldScope.Query => members.Contains(id),
        HoldScope.Class wanted => wanted.Name == recordClass,
        HoldScope.Field wanted => fields.Any(field => field.Key == wanted.Name && FieldForm.IsSame(field.Value, wanted.Value)),   // rather one too many than one too few
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
