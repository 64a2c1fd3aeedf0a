using DocIngest.Pipeline.Extraction.Child.Ocr;

namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>Programs that a reader calls, hundreds of them in its life.</summary>
public sealed class ProgramCallTests
{
    [Fact]
    public void A_call_leaves_no_file_open()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux tells which files a process has open.");
        Call();   // what is opened once
        int before = OpenPipes();
        for (int call = 0; call < 60; call++)
        {
            Call();
        }

        // Other tests of this process open pipes, too: not two for each call.
        Assert.InRange(OpenPipes() - before, int.MinValue, 60);
    }

    private static void Call()
    {
        string said = "";
        int code = ProgramCall.Run("/bin/sh", ["-c", "echo read; echo not read; echo error >&2"], output => said = new StreamReader(output).ReadLine() ?? "", _ => { });
        Assert.Equal((0, "read"), (code, said));
    }

    private static int OpenPipes() => Directory.GetFiles("/proc/self/fd").Count(IsPipe);

    private static bool IsPipe(string file)
    {
        try
        {
            return File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name.StartsWith("pipe:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false;   // closed meanwhile
        }
    }
}
