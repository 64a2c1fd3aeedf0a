using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Assurance.Reports;

/// <summary>Says that a key signs reports from now on (<c>key-N.json</c> of the object <c>urn:docingest:report-signer</c>; docs/formats/report.md).</summary>
/// <param name="Number">Of the key, from 1.</param>
/// <param name="Way"><see cref="First"/>; <see cref="Rotated"/>: signed by the key before it; <see cref="Announced"/>: that one is gone, and it is signed by the new key itself, which proves nothing.</param>
/// <param name="Certificate">Its certificate, PEM.</param>
/// <param name="Sha256">SHA-256 of the certificate, as <c>openssl x509 -fingerprint -sha256</c> prints it.</param>
/// <param name="FormerSha256">That of the key before it; null for the first.</param>
/// <param name="Time">When it was made, UTC.</param>
public sealed record KeyStatement(int Number, string Way, string Certificate, string Sha256, string? FormerSha256, DateTimeOffset Time)
{
    /// <summary>There was none before it.</summary>
    public const string First = "first";

    /// <summary>The key before it signed.</summary>
    public const string Rotated = "rotated";

    /// <summary>The key before it was gone.</summary>
    public const string Announced = "announced";

    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = CurrentFormat;

    /// <summary>The format that this program writes.</summary>
    public const string CurrentFormat = "docingest-report-signer/1";

    internal byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, KeyStatementJson.Instance.KeyStatement), (byte)'\n'];
}

[JsonSerializable(typeof(KeyStatement))]
internal sealed partial class KeyStatementJson : JsonSerializerContext
{
    public static KeyStatementJson Instance { get; } = new(SystemDocumentJson.CreateOptions());
}
