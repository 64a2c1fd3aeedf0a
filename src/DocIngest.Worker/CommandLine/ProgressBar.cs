using DocIngest.Backup;
using Spectre.Console;

namespace DocIngest.Worker.CommandLine;

/// <summary>A progress bar on standard error, for a person at a terminal and nobody else.</summary>
internal static class ProgressBar
{
    /// <summary>Runs work that calls its argument once for each of <paramref name="total"/> steps.</summary>
    /// <param name="isShown">Whether anybody is to see it.</param>
    public static async Task RunAsync(bool isShown, string title, long total, Func<Action, Task> work)
    {
        if (!isShown || total == 0)
        {
            await work(static () => { });
            return;
        }

        await Bars().StartAsync(async progress =>
        {
            var bar = progress.AddTask(title, maxValue: total);
            await work(() => bar.Increment(1));
        });
    }

    /// <summary>Runs work that tells how far it is.</summary>
    /// <param name="isShown">Whether anybody is to see it.</param>
    public static Task<T> RunAsync<T>(bool isShown, string title, Func<IProgress<WorkProgress>?, Task<T>> work) =>
        isShown ? Bars().StartAsync(progress => work(new Told(progress.AddTask(title), title))) : work(null);

    private static Progress Bars()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
    }

    // Bytes where they are counted, else items. What is not known beforehand moves without an end.
    private sealed class Told(ProgressTask bar, string title) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            bar.Description = $"{title}: {value.Items:N0}{(value.AllItems is { } all ? $" of {all:N0}" : "")}";
            bar.IsIndeterminate = value is { AllBytes: null, AllItems: null };
            bar.MaxValue = value.AllBytes ?? value.AllItems ?? double.MaxValue;
            bar.Value = value.AllBytes is null && value.AllItems is not null ? value.Items : value.Bytes;
        }
    }
}
