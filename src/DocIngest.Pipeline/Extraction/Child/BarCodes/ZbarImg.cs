using System.Collections.Concurrent;
using System.ComponentModel;
using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.BarCodes;

/// <summary>Reads the bar codes of an image with zbarimg.</summary>
internal sealed class ZbarImg(string program)
{
    private const int NoneFound = 4;

    private static readonly ConcurrentDictionary<string, (IReadOnlyList<ToolVersion> Tools, bool HasBus)> Known = new();

    /// <summary>Its version, for the record.</summary>
    public static IReadOnlyList<ToolVersion> Tools(string program) => Ask(program).Tools;

    /// <summary>Reads an image.</summary>
    /// <exception cref="ZbarMissingException">It does not start.</exception>
    /// <exception cref="InvalidDataException">It died, failed, or printed what it never prints.</exception>
    public IReadOnlyList<FoundBarCode> Read(string image)
    {
        IReadOnlyList<FoundBarCode> codes = [];
        try
        {
            // It tells all who listen on the system bus what it has read, unless told not to. The cell refuses it the socket anyhow.
            string[] quietly = Ask(program).HasBus ? ["--nodbus"] : [];
            int code = ProgramCall.Run(program, [.. quietly, "--xml", "-q", image], output => codes = ZbarXml.Read(output));
            return code == (codes.Count > 0 ? 0 : NoneFound) ? codes : throw new InvalidDataException("zbarimg failed.");
        }
        catch (Win32Exception)
        {
            throw new ZbarMissingException();
        }
    }

    private static (IReadOnlyList<ToolVersion> Tools, bool HasBus) Ask(string program) => Known.GetOrAdd(program, static asked =>
    {
        string version = OcrTools.Lines(asked, "--version").FirstOrDefault() is { Length: > 0 and < 32 } line ? line : "unknown";
        bool hasBus = OcrTools.Lines(asked, "--help").Any(help => help.Contains("--nodbus", StringComparison.Ordinal));
        return ([new ToolVersion("zbarimg", version)], hasBus);
    });
}

/// <summary>zbarimg does not start: no page is to blame.</summary>
internal sealed class ZbarMissingException() : Exception("zbarimg does not start.");
