using System.Globalization;
using System.Text;

namespace DocIngest.Benchmarks.Backup;

/// <summary>Files to back up, the same ones every time.</summary>
internal static class DataSets
{
    private const int FilesAFolder = 100;
    private const double MedianBytes = 200_000;
    private const double MostBytes = 6_000_000;

    /// <summary>Like scans and PDFs: nothing that compresses, most files small, most bytes in larger ones.</summary>
    /// <returns>How many files.</returns>
    public static int WriteIncompressible(string folder, long totalBytes)
    {
        var random = new Random(5);
        int files = 0;
        for (long written = 0; written < totalBytes; files++)
        {
            byte[] content = new byte[(int)Math.Min(MedianBytes * Math.Exp(Normal(random)), MostBytes)];
            random.NextBytes(content);
            Write(folder, files, "bin", content);
            written += content.Length;
        }

        return files;
    }

    /// <summary>Words, in files of 50 MB: about a third of it is left by compression.</summary>
    public static int WriteText(string folder, long totalBytes)
    {
        const int FileBytes = 50_000_000;
        var random = new Random(6);
        string[] words = Words(random);
        int files = 0;
        for (long written = 0; written < totalBytes; written += FileBytes, files++)
        {
            var text = new StringBuilder(FileBytes + 100);
            while (text.Length < FileBytes)
                text.Append(words[random.Next(words.Length)]).Append(random.Next(15) == 0 ? '\n' : ' ');
            Write(folder, files, "txt", Encoding.ASCII.GetBytes(text.ToString(0, FileBytes)));
        }

        return files;
    }

    /// <summary>Small texts, some hundred bytes to some thousand each.</summary>
    public static int WriteSmall(string folder, int files)
    {
        var random = new Random(7);
        string[] words = Words(random);
        for (int file = 0; file < files; file++)
            Write(folder, file, "txt", Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, random.Next(50, 1000)).Select(_ => words[random.Next(words.Length)]))));
        return files;
    }

    private static void Write(string folder, int number, string extension, byte[] content)
    {
        string inner = Directory.CreateDirectory(Path.Combine(folder, (number / FilesAFolder).ToString("0000", CultureInfo.InvariantCulture))).FullName;
        File.WriteAllBytes(Path.Combine(inner, $"{number:000000}.{extension}"), content);
    }

    private static string[] Words(Random random) =>
        [.. Enumerable.Range(0, 20_000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 10)).Select(_ => "etaoinshrdlucmfwypvbgk"[random.Next(22)])))];

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
