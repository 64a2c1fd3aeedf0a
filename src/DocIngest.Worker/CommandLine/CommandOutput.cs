using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using DocIngest.Pipeline.Records;
using Spectre.Console;

namespace DocIngest.Worker.CommandLine;

/// <summary>Prints results: JSON for programs, words for people. Errors go to standard error, results to standard output.</summary>
internal sealed class CommandOutput(TextWriter output, TextWriter errors, bool json, bool quiet)
{
    private static readonly JsonSerializerOptions Compact = CreateOptions(indented: false);
    private static readonly JsonSerializerOptions Indented = CreateOptions(indented: true);

    /// <summary>Whether <c>--json</c> was given.</summary>
    public bool IsJson => json;

    /// <summary>Whether only results and errors are wanted.</summary>
    public bool IsQuiet => quiet;

    /// <summary>Whether a person watches: progress is shown to nobody else.</summary>
    public bool ShowsProgress => !json && !quiet && !Console.IsErrorRedirected;

    /// <summary>Whether progress may be shown while items are printed: on one terminal, a bar would overwrite them.</summary>
    public bool ShowsProgressBesideItems => ShowsProgress && Console.IsOutputRedirected;

    /// <summary>Where words go.</summary>
    public TextWriter Words => output;

    /// <summary>Prints one result: a JSON document, or words.</summary>
    public void Result<T>(T value, Action<TextWriter> words)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(value, Indented));
        }
        else
        {
            words(output);
        }
    }

    /// <summary>Prints words that a person must not miss: red on a terminal, unless <c>NO_COLOR</c> is set.</summary>
    public void ResultInRed(string text)
    {
        output.Flush();   // the terminal is written to past it
        if (Console.IsOutputRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 })
        {
            output.WriteLine(text);
        }
        else
        {
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) }).Write(new Text(text + "\n", new Style(Color.Red)));
        }
    }

    /// <summary>Prints one item of a stream: a JSON line, or words.</summary>
    public void Item<T>(T value, Action<TextWriter> words)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(value, Compact));
        }
        else
        {
            words(output);
        }
    }

    /// <summary>Tells a person something that is no result.</summary>
    public void Remark(string text)
    {
        if (!quiet)
        {
            errors.WriteLine(text);
        }
    }

    /// <summary>Says what went wrong.</summary>
    public void Error(string text) => errors.WriteLine($"docingest: {text}");

    private static JsonSerializerOptions CreateOptions(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = indented,
        Converters = { new RecordIdConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };
}
