using UglyToad.PdfPig;
using UglyToad.PdfPig.Tokens;

namespace DocIngest.Pipeline.Extraction.Child.Cuts;

/// <summary>Whether a PDF is signed.</summary>
/// <remarks>ISO 32000-1, 12.7.2 (SigFlags), 12.7.4.5 (signature fields), 12.8.4 (permissions).</remarks>
internal static class Signatures
{
    private const int SignaturesExist = 1;
    private const int MaxFields = 10_000;

    /// <summary>Looks for a signature; a field that waits for one is none.</summary>
    public static bool Any(PdfDocument document)
    {
        var catalog = document.Structure.Catalog.CatalogDictionary;
        if (catalog.ContainsKey(NameToken.Create("Perms")))
        {
            return true;   // a certified document, or one with usage rights
        }

        if (Get(document, catalog, "AcroForm") is not DictionaryToken form)
        {
            return false;
        }

        if (Get(document, form, "Fields") is not ArrayToken fields)
        {
            return Get(document, form, "SigFlags") is NumericToken flags && (flags.Int & SignaturesExist) != 0;
        }

        return AnyField(document, fields);
    }

    private static bool AnyField(PdfDocument document, ArrayToken fields)
    {
        var open = new Stack<IToken>(fields.Data);
        for (int seen = 0; open.TryPop(out var token); seen++)
        {
            if (seen == MaxFields)
            {
                return true;   // nobody fills in so many: what cannot be looked at is taken for signed
            }

            if (Resolve(document, token) is not DictionaryToken field)
            {
                continue;
            }

            if (Get(document, field, "FT") is NameToken { Data: "Sig" } && field.ContainsKey(NameToken.V))
            {
                return true;
            }

            foreach (var kid in Get(document, field, "Kids") is ArrayToken kids ? kids.Data : [])
            {
                open.Push(kid);
            }
        }

        return false;
    }

    private static IToken? Get(PdfDocument document, DictionaryToken dictionary, string name) =>
        dictionary.TryGet(NameToken.Create(name), out var token) ? Resolve(document, token) : null;

    private static IToken? Resolve(PdfDocument document, IToken token) =>
        token is IndirectReferenceToken reference ? document.Structure.GetObject(reference.Data)?.Data : token;
}
