using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Holds;

/// <summary>What a hold is to cover.</summary>
public abstract record WantedScope
{
    private WantedScope()
    {
    }

    /// <summary>Certain records.</summary>
    public sealed record Records(IReadOnlyCollection<RecordId> Ids) : WantedScope;

    /// <summary>What a search found.</summary>
    public sealed record Query(string Text, IReadOnlyCollection<RecordId> Found) : WantedScope;

    /// <summary>Records with a value.</summary>
    public sealed record Field(string Name, string Value) : WantedScope;

    /// <summary>Records of a class.</summary>
    public sealed record Class(string Name) : WantedScope;
}
