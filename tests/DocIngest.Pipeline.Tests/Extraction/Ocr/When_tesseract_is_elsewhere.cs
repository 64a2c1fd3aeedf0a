using System.Diagnostics;
using System.Text.RegularExpressions;
using DocIngest.Pipeline.Extraction.Linux;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;
using ImageMagick;

namespace DocIngest.Pipeline.Tests.Extraction.Ocr;

/// <summary>A copy of the real tesseract with its library and models in a prefix of its own: the cell lets it read them, and nothing else there.</summary>
public sealed class When_tesseract_is_elsewhere : IDisposable
{
    private readonly Scratch _prefix = new();

    public void Dispose() => _prefix.Dispose();

    [Fact]
    public async Task It_is_read_with_from_a_prefix_of_its_own()
    {
        Needs.Linux();
        Needs.Tool("tesseract");
        string program = Install();
        await using var workers = OcrWorkers.Real(options => options with
        {
            Programs = new OcrPrograms(program, null, null, null)
            {
                LanguageFolder = Path.Combine(_prefix.Folder, "share", "tessdata"),
                LibraryPath = Path.Combine(_prefix.Folder, "lib"),
            },
        });
        using var page = PrintedPage.Of("Words from another folder");
        var result = await workers.ReadAsync(page.As(MagickFormat.Png), FileFormat.Png);
        Assert.Equal((TextStatus.Complete, "Words from another folder"), (result.TextStatus, result.Text.Pages.Single().Text));
        Assert.Contains(result.Tools, tool => tool.Name == "tesseract model eng");   // it was found where the models are
    }

    [Fact]
    public void What_it_may_read_is_its_own()
    {
        string program = Path.Combine(_prefix.Folder, "bin", "tesseract");
        Write(program);
        Write(Path.Combine(_prefix.Folder, "bin", "libmine.so.5"));
        string link = Path.Combine(_prefix.Folder, "link");
        File.CreateSymbolicLink(link, program);
        Assert.Equal(
            ["bin/libmine.so.5", "bin/lib", "bin/tessdata", "lib", "lib64", "share/tessdata", "share/tesseract-ocr", "share/poppler", "models", "own"],
            ProgramFolders.Of([link, program], Path.Combine(_prefix.Folder, "models"), $":/:relative:{_prefix.Folder}/own/").Select(path => Path.GetRelativePath(_prefix.Folder, path)));
    }

    [Fact]
    public void Beside_a_program_that_is_in_no_bin_only_its_own_folders_are_read()
    {
        string program = Path.Combine(_prefix.Folder, "tesseract");
        Write(program);
        Write(Path.Combine(_prefix.Folder, "archive", "secret"));
        Assert.Equal(["lib", "tessdata"], ProgramFolders.Of([program], null, "").Select(path => Path.GetRelativePath(_prefix.Folder, path)));
    }

    // The program, the libraries that only it has, and its models, which then are nowhere else for it.
    private string Install()
    {
        string found = OcrPrograms.Find(Environment.GetEnvironmentVariable("PATH") ?? "")!.Tesseract;   // it was there a moment ago
        string program = Path.Combine(_prefix.Folder, "bin", "tesseract");
        Copy(found, program);
        foreach (Match library in Regex.Matches(Ask("ldd", found), @"(?<name>lib(tesseract|lept)\S*) => (?<path>/\S+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)))
        {
            Copy(library.Groups["path"].Value, Path.Combine(_prefix.Folder, "lib", library.Groups["name"].Value));
        }

        string models = Ask(found, "--list-langs").Split('"')[1];
        Copy(Path.Combine(models, "eng.traineddata"), Path.Combine(_prefix.Folder, "share", "tessdata", "eng.traineddata"));
        Copy(Path.Combine(models, "configs", "tsv"), Path.Combine(_prefix.Folder, "share", "tessdata", "configs", "tsv"));
        return program;
    }

    private static string Ask(string program, string argument)
    {
        using var process = Process.Start(new ProcessStartInfo(program, [argument]) { RedirectStandardOutput = true, UseShellExecute = false })!;   // never null without the shell
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);   // never a root
        File.Copy(from, to);   // its permissions too
    }

    private static void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);   // never a root
        File.WriteAllText(path, "");
    }
}
