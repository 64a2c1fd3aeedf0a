using System.Collections.Concurrent;
using System.ComponentModel;
using System.Security.Cryptography;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>Which programs and models read a page: what a later reader needs to judge the text.</summary>
internal static class OcrTools
{
    private const int MaxLines = 200;   // of languages there are some 130

    private static readonly ConcurrentDictionary<string, IReadOnlyList<ToolVersion>> Known = new();

    /// <summary>Tesseract's version, and each model by the beginning of its SHA-256: models carry no version of their own.</summary>
    public static IReadOnlyList<ToolVersion> Of(OcrTask task) => Known.GetOrAdd($"{task.Tesseract} {task.Languages}", _ => Ask(task));

    private static List<ToolVersion> Ask(OcrTask task)
    {
        var lines = Lines(task.Tesseract, "--version");
        var tools = new List<ToolVersion> { new("tesseract", lines.FirstOrDefault()?.Split(' ').ElementAtOrDefault(1) ?? "unknown") };
        if (Lines(task.Tesseract, "--list-langs").FirstOrDefault()?.Split('"') is [_, var folder, ..])
        {
            tools.AddRange(task.Languages.Split('+').Select(language => (language, Path.Combine(folder, $"{language}.traineddata")))
                .Where(model => File.Exists(model.Item2))
                .Select(model => new ToolVersion($"tesseract model {model.language}", Digest(model.Item2))));
        }

        return tools;
    }

    private static string Digest(string model)
    {
        using var file = File.OpenRead(model);
        return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(file))[..16]}";
    }

    /// <summary>What a program prints when it is asked for something; nothing where it does not start.</summary>
    public static List<string> Lines(string program, string argument)
    {
        var lines = new List<string>();
        try
        {
            ProgramCall.Run(program, [argument], output =>
            {
                using var reader = new StreamReader(output, leaveOpen: true);
                while (lines.Count < MaxLines && reader.ReadLine() is { } line)
                {
                    lines.Add(line);
                }
            });
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            // It does not start, or breaks off: what is known of it so far is all there is to say.
        }

        return lines;
    }
}
