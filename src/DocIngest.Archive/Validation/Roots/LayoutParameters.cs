using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace DocIngest.Archive.Validation;

/// <summary>Reads the parameters of a layout from its <c>config.json</c>.</summary>
internal sealed class LayoutParameters
{
    private const int MostTuples = 32;

    private readonly JsonElement? _json;

    private LayoutParameters(JsonElement? json) => _json = json;

    /// <summary>Extensions whose layout is known here.</summary>
    public static bool IsKnown(string extension) => extension is FlatDirectLayout.ExtensionName or HashAndIdLayout.ExtensionName
        or HashedNTupleLayout.ExtensionName or FlatOmitPrefixLayout.ExtensionName or NTupleOmitPrefixLayout.ExtensionName;

    /// <param name="extension">One that <see cref="IsKnown"/>.</param>
    /// <param name="config">The file; null where there is none, which gives the defaults.</param>
    /// <exception cref="FormatException">A parameter is missing, of another type or out of bounds.</exception>
    public static StorageLayout Read(string extension, byte[]? config)
    {
        try
        {
            using var json = config is null ? null : JsonDocument.Parse(config, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var parameters = new LayoutParameters(json?.RootElement);
            Demand(json is null || parameters.Text("extensionName", extension) == extension);
            return parameters.Layout(extension);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or OverflowException)
        {
            throw new FormatException("The parameters are no JSON of the form described.", error);
        }
    }

    private StorageLayout Layout(string extension)
    {
        switch (extension)
        {
            case FlatDirectLayout.ExtensionName:
                return new FlatDirectLayout();
            case HashAndIdLayout.ExtensionName:
                var (algorithm, size, count) = HashedTuples();
                return new HashAndIdLayout(algorithm, size, count);
            case HashedNTupleLayout.ExtensionName:
                (algorithm, size, count) = HashedTuples();
                return new HashedTuplesLayout(new HashedNTupleLayout(algorithm, size, count, Flag("shortObjectRoot")));
            case FlatOmitPrefixLayout.ExtensionName:
                return new FlatOmitPrefixLayout(Delimiter(byDefault: ""));
            case NTupleOmitPrefixLayout.ExtensionName:
                string padding = Text("zeroPadding", "left");
                Demand(padding is "left" or "right");
                (size, count) = (Number("tupleSize", 1), Number("numberOfTuples", 1));
                return new NTupleOmitPrefixLayout(Delimiter(byDefault: ":"), size, count, padding == "right", Flag("reverseObjectRoot"));
            default:
                throw new ArgumentException("This layout is not known.", nameof(extension));
        }
    }

    private (string Algorithm, int Size, int Count) HashedTuples()
    {
        string algorithm = Text("digestAlgorithm", "sha256");
        int size = Number("tupleSize", 0);
        int count = Number("numberOfTuples", 0);
        Demand(DigestAlgorithm.Named(algorithm) is { Name: not "size" } known && size * count <= known.Of([]).Length && size == 0 == (count == 0));
        return (algorithm, size, count);
    }

    private string Delimiter(string byDefault)
    {
        string delimiter = Text("delimiter", byDefault);
        Demand(delimiter.Length > 0);
        return delimiter;
    }

    private string Text(string key, string byDefault) => Has(key, out var value) ? value.GetString() ?? "" : byDefault;

    private bool Flag(string key) => Has(key, out var value) && value.GetBoolean();

    private int Number(string key, int least)
    {
        int number = Has(key, out var value) ? value.GetInt32() : 3;   // the default of both, in all extensions that have them
        Demand(number >= least && number <= MostTuples);
        return number;
    }

    private bool Has(string key, out JsonElement value)
    {
        value = default;
        return _json is { } json && json.TryGetProperty(key, out value);
    }

    private static void Demand([DoesNotReturnIf(false)] bool holds)
    {
        if (!holds)
        {
            throw new FormatException("A parameter of the layout is missing or out of bounds.");
        }
    }
}
