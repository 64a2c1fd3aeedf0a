using System.Diagnostics;
using DocIngest.Pipeline.Extraction.Ocr;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>
/// Runs another program inside the worker's cell. It has no time limit here: the parent knows which page is at work, and ends
/// the worker with all it has started.
/// </summary>
internal static class ProgramCall
{
    private const int MaxLineBytes = 64 * 1024;
    private const int ReaderStackBytes = 256 * 1024;

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="readOutput">Reads its standard output; what it leaves unread is thrown away.</param>
    /// <param name="readErrorLine">Told of each line of its standard error, from another thread; null: not looked at.</param>
    /// <returns>Its exit code; above 128 where a signal ended it.</returns>
    /// <exception cref="System.ComponentModel.Win32Exception">It does not start.</exception>
    public static int Run(string program, IEnumerable<string> arguments, Action<Stream> readOutput, Action<ReadOnlyMemory<byte>>? readErrorLine = null)
    {
        using var process = new Process { StartInfo = Describe(program, arguments) };
        process.Start();
        process.StandardInput.Close();   // its own would be the worker's requests
        using var errors = process.StandardError.BaseStream;   // disposing the process leaves its pipes to the garbage collector, and a worker may have few files open
        var drain = new Thread(() => Drain(errors, readErrorLine), ReaderStackBytes) { IsBackground = true, Name = "program errors" };
        drain.Start();
        using var output = process.StandardOutput.BaseStream;
        try
        {
            readOutput(output);
        }
        finally
        {
            output.CopyTo(Stream.Null);   // whoever reads no further must not leave it writing
            process.WaitForExit();
            drain.Join();
        }

        return process.ExitCode;
    }

    private static ProcessStartInfo Describe(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (!OperatingSystem.IsWindows())
        {
            start.Environment.Clear();
            start.Environment["PATH"] = "/usr/bin:/bin";
            start.Environment["LC_ALL"] = "C.UTF-8";
            foreach (string name in new[] { OcrPrograms.LanguageFolderVariable, OcrPrograms.LibraryPathVariable })   // the worker has them from the pool
            {
                start.Environment[name] = Environment.GetEnvironmentVariable(name);
            }
        }

        start.Environment["OMP_THREAD_LIMIT"] = "1";   // unset, tesseract is six times slower on two cores
        return start;
    }

    // However much it writes, nothing of it is kept: a line too long to be one of ours ends the looking, not the reading.
    private static void Drain(Stream errors, Action<ReadOnlyMemory<byte>>? readLine)
    {
        try
        {
            using var lines = new LineReader(errors, MaxLineBytes);
            while (lines.TryRead(out var line))
            {
                readLine?.Invoke(line);
            }
        }
        catch (InvalidDataException)
        {
            errors.CopyTo(Stream.Null);
        }
        catch (IOException)
        {
            // The program is gone, and the pipe with it.
        }
    }
}
