using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.Holds;

/// <summary>The register of holds as one file beside the archive, so that an older archive that is restored does not come back without the holds placed since.</summary>
/// <param name="Revision">Tells which of two is newer.</param>
/// <param name="Files">Its files.</param>
internal sealed record HoldsCopy([property: JsonRequired] int Revision, [property: JsonRequired] IReadOnlyDictionary<string, byte[]> Files)
{
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = "docingest-holds-copy/1";
}
