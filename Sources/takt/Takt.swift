internal import Commands
internal import Glibc

@main
enum Takt {
    static func main() async {
        exit(await CommandLineEntry.run(Array(CommandLine.arguments.dropFirst())))
    }
}
