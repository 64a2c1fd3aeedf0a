using System.Text.Json;
using DocIngest.Pipeline.Extraction.Child;

namespace DocIngest.Pipeline.Extraction;

/// <summary>
/// What <c>docingest extract-worker</c> runs: a process that reads documents for an <see cref="ExtractionWorkerPool"/> until its
/// standard input ends. With <c>--probe</c> it confines itself, tries what an attacker would, prints what it could do as one
/// JSON object, and ends.
/// </summary>
public static class ExtractWorkerProgram
{
    private const int Done = 0;
    private const int Usage = 2;
    private const int Unconfinable = 6;

    // Parsers recurse with the document; PdfPig stops itself at 256 levels, well within this.
    private const int ReaderStackBytes = 16 << 20;

    /// <summary>Runs a worker on this process' standard streams.</summary>
    /// <param name="args">
    /// What follows <c>extract-worker</c>: <c>--read FOLDER</c> (repeatable), <c>--scratch FOLDER</c>, <c>--program FILE</c> (repeatable), <c>--heap-limit BYTES</c>, <c>--probe</c>,
    /// <c>--forbidden FILE</c>.
    /// </param>
    /// <returns>Exit code: 0 at the end of input, 2 for a command line it does not know, 6 where it cannot confine itself.</returns>
    public static int Run(string[] args)
    {
        if (WorkerArguments.Parse(args) is not { } arguments)
        {
            Console.Error.WriteLine("usage: extract-worker [--read FOLDER]... [--scratch FOLDER] [--program FILE]... [--heap-limit BYTES] [--probe [--forbidden FILE]]");
            return Usage;
        }

        var cell = WorkerCell.Create();
        try
        {
            cell.Enter(arguments);   // on Linux, the first time, this replaces the process and does not return
        }
        catch (InvalidOperationException error)
        {
            Console.Error.WriteLine(error.Message);
            return Unconfinable;
        }

        return arguments.IsProbe ? Probe(arguments, cell) : Serve(arguments, cell);
    }

    private static int Serve(WorkerArguments arguments, WorkerCell cell)
    {
        using var output = Console.OpenStandardOutput();
        Console.SetOut(TextWriter.Null);   // a library's stray word must not get between the lines
        var requests = new RequestWatch(Console.OpenStandardInput(), cell.EndGroup);
        var service = new ReadingService(requests, new MessageWriter(output), cell, arguments.ScratchFolder);
        var reader = new Thread(service.Run, ReaderStackBytes) { Name = "reader" };
        reader.Start();
        reader.Join();
        return Done;
    }

    private static int Probe(WorkerArguments arguments, WorkerCell cell)
    {
        using var output = Console.OpenStandardOutput();
        JsonSerializer.Serialize(output, ConfinementProbe.Try(arguments, cell), WorkerProtocol.Instance.ProbeFindings);
        output.WriteByte((byte)'\n');
        return Done;
    }
}
